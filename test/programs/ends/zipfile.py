import zipfile
z = zipfile.ZipFile("out", "w")
z.writestr("a", "x" * 1000)
e = z.open("b", "w")
e.write(b"y")
