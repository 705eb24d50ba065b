import gzip
f = gzip.open("out", "wt")
f.write("x\n" * 1000)
g = gzip.GzipFile("more", "wb")
g.write(b"y")
