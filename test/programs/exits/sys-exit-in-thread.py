import sys
import threading

threading.Thread(target=lambda: sys.exit(9)).start()
print("main")
