import bz2
f = bz2.open("out", "wb")
f.write(b"x" * 1000)
