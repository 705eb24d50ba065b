# Waits for input; long after everything has become still, a thread begins to work.
import threading
import time


def work():
    time.sleep(14)
    while True:
        pass


threading.Thread(target=work, daemon=True).start()
input()
