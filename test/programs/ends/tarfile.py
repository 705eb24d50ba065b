import tarfile, io
t = tarfile.open("out", "w:gz")
i = tarfile.TarInfo("a")
i.size = 3
t.addfile(i, io.BytesIO(b"xyz"))
