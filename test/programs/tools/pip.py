import subprocess
import sys

done = subprocess.run([sys.executable, "-m", "compileall", "-q", "-b", "main.py"], capture_output=True, text=True)
print(done.returncode, done.stdout)
import os

os.remove("main.pyc")
