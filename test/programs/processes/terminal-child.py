import subprocess
import sys

subprocess.run([sys.executable, "-c", "print('got', input('child asks '))"])
print("parent goes on")
