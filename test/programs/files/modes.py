import os

for mode in ("w", "r", "a", "r+", "x", "w+", "rb", "wb", "ab", "xb", "a+"):
    try:
        with open("f.txt", mode) as file:
            print(mode, file.mode, file.readable(), file.writable(), file.seekable(), file.tell())
            if file.writable():
                file.write(b"bytes\n" if "b" in mode else "text\n")
    except OSError as error:
        print(mode, type(error).__name__, error)
print(open("f.txt").read(), os.path.getsize("f.txt"))
try:
    open("f.txt", "rw")
except ValueError as error:
    print(error)
with open("f.txt") as file:
    file.write("no")
