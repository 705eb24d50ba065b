import os
import stat

os.umask(0o027)
with open("by-umask.txt", "w") as file:
    file.write("x")
os.mkdir("folder", 0o755)
print(oct(os.umask(0o022)))
with open("closed.txt", "w") as file:
    file.write("secret")
os.chmod("closed.txt", 0)
print(stat.filemode(os.stat("closed.txt").st_mode), os.access("closed.txt", os.R_OK))
os.mkdir("closed")
os.chmod("closed", 0o500)
try:
    open("closed/x", "w")
except PermissionError as error:
    print(error)
os.chmod("closed", 0o700)
os.chmod("by-umask.txt", 0o755)
os.utime("by-umask.txt", (1e9, 1e9))
print(os.stat("by-umask.txt").st_mtime)
open("closed.txt")
