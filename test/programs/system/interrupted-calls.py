import os
import signal
import threading
import time

signal.signal(signal.SIGUSR1, lambda *args: print("handled"))
read, write = os.pipe()


def poke():
    time.sleep(0.05)
    os.kill(os.getpid(), signal.SIGUSR1)
    time.sleep(0.05)
    os.write(write, b"data")


threading.Thread(target=poke).start()
print(os.read(read, 10))
