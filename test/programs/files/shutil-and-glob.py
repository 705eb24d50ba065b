import glob
import os
import shutil
import tempfile

os.makedirs("tree/inner")
for name in ("a.txt", "b.py", "inner/c.txt"):
    with open(f"tree/{name}", "w") as file:
        file.write(name)
shutil.copytree("tree", "copy")
shutil.copy("tree/a.txt", "copy/z.txt")
shutil.move("copy/b.py", "moved.py")
print(sorted(glob.glob("**/*.txt", recursive=True)), [sorted(x) if isinstance(x, list) else x for x in next(os.walk("copy"))])
shutil.make_archive("packed", "zip", "tree")
os.remove("packed.zip")
shutil.rmtree("tree")
with tempfile.TemporaryDirectory() as folder:
    print(os.path.isdir(folder), folder.startswith(tempfile.gettempdir()), tempfile.gettempdir())
print(os.path.exists(folder), shutil.which("python3"), shutil.disk_usage(".").total > 0)
with tempfile.NamedTemporaryFile("w+") as file:
    file.write("x")
with tempfile.TemporaryFile() as file:
    file.write(b"nameless")
    file.seek(0)
    print(file.read())
with tempfile.SpooledTemporaryFile(max_size=3) as file:
    file.write(b"long enough")
shutil.rmtree("no such folder")
