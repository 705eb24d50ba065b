# Locks the files that are named, says so, and holds the locks until its input ends: holds-locks.py FILE ...
import fcntl, sys

files = [open(name, "rb") for name in sys.argv[1:]]
for file in files:
    file.read(10)
    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    fcntl.lockf(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
print("locked", flush=True)
sys.stdin.read()
