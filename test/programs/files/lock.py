import fcntl
import os

with open("lock", "w") as file:
    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    if os.fork() == 0:
        try:
            fcntl.flock(open("lock"), fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError as error:
            print("child:", error, flush=True)
        os._exit(0)
    os.wait()
    fcntl.lockf(file, fcntl.LOCK_EX)
    print("locked")
