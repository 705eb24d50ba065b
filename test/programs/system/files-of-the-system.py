import os

for path in ("/usr/bin/python3", "/bin/sh", "/dev/null", "/dev/zero", "/dev/urandom", "/dev/full", "/dev/stdin", "/proc/self/status", "/tmp", "/etc/passwd", "/etc/hosts", "/dev/shm", "/dev/ptmx"):
    print(path, os.path.exists(path))
print(len(os.urandom(5)), open("/dev/zero", "rb").read(3), open("/proc/self/comm").read().strip(), os.access("/etc/passwd", os.W_OK), open("/dev/null").read())
with open("/dev/stdout", "w") as file:
    file.write("through /dev/stdout\n")
open("/etc/no-such-file")
