import errno
import os

for name, flags in (("missing/x", os.O_CREAT | os.O_WRONLY), (".", os.O_WRONLY), ("main.py/x", os.O_RDONLY), ("x" * 300, os.O_RDONLY), ("main.py", os.O_CREAT | os.O_EXCL)):
    try:
        os.open(name, flags)
    except OSError as error:
        print(type(error).__name__, errno.errorcode[error.errno], error.strerror)
try:
    open("bad\0name")
except ValueError as error:
    print(error)
open(5000)
