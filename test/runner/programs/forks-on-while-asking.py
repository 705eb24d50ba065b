# Each process starts the next one and ends, and who gets them all waits for input and never has to run.
import ctypes
import os
import signal

ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
signal.signal(signal.SIGINT, signal.SIG_IGN)
if os.fork() == 0:
    os.close(0)
    while os.fork() == 0:
        pass
    os._exit(0)
input()
