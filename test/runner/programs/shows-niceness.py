import os
import subprocess

print(os.getpriority(os.PRIO_PROCESS, 0), subprocess.run(["nice"], capture_output=True, text=True).stdout.strip())
