import subprocess
import sys

done = subprocess.run(["sh", "-c", "echo out; echo err >&2; exit 3"], capture_output=True, text=True)
print(done.returncode, repr(done.stdout), repr(done.stderr))
print(subprocess.check_output([sys.executable, "-c", "print(input().upper())"], input="from the pipe", text=True))
subprocess.run("echo shell; pwd | sed 's/.*work/work/'", shell=True)
process = subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
print(process.communicate(b"through cat"), process.poll())
try:
    subprocess.run(["sleep", "100"], timeout=0.1)
except subprocess.TimeoutExpired as error:
    print(type(error).__name__, error.cmd)
try:
    subprocess.run(["no-such-command"])
except FileNotFoundError as error:
    print(error)
killed = subprocess.Popen(["sleep", "100"])
killed.terminate()
print(killed.wait())
subprocess.run(["false"], check=True)
