# A chain of short processes that nobody waits for, so that their CPU time is in nobody's account.
import os, signal, time
signal.signal(signal.SIGINT, signal.SIG_IGN)
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
while True:
    try:
        if os.fork() == 0:
            for _ in range(100000):
                pass
            os._exit(0)
    except OSError:
        pass
    time.sleep(0.001)
