import os
import threading

os.mkfifo("pipe")
threading.Thread(target=lambda: open("pipe", "w").write("through a FIFO")).start()
print(open("pipe").read())
