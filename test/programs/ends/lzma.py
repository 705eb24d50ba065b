import lzma
f = lzma.open("out", "wt")
f.write("x" * 1000)
