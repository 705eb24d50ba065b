f = open("out", "wb")
f.write(b"x" * 10000)
