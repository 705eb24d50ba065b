import io
import tarfile
import zipfile

with zipfile.ZipFile("a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
    archive.writestr("b.txt", "b" * 1000)
    archive.write("main.py")
with zipfile.ZipFile("a.zip") as archive:
    print(archive.namelist(), archive.read("b.txt")[:3], archive.getinfo("b.txt").compress_size, archive.testzip())
    archive.extract("b.txt", "out")
with tarfile.open("a.tar.gz", "w:gz") as archive:
    archive.add("main.py")
print(tarfile.open("a.tar.gz").getnames())
zipfile.ZipFile(io.BytesIO(b"no zip"))
