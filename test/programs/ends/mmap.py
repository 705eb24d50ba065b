import mmap
open("out", "w").write("0123")
f = open("out", "r+b")
m = mmap.mmap(f.fileno(), 4)
m[:2] = b"ab"
