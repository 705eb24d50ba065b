# A child works while the parent waits for input.
import os, signal
signal.signal(signal.SIGINT, signal.SIG_IGN)
if os.fork() == 0:
    while True:
        pass
input()
