import os
import signal
import subprocess

child = subprocess.Popen(["sleep", "100"], start_new_session=True)
os.killpg(child.pid, signal.SIGTERM)
print(child.wait(), os.getpgid(0) == os.getpgrp())
