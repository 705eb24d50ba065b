import os

files = [open("main.py") for _ in range(100)]
print(len({file.fileno() for file in files}))
names = [f"n{i}" for i in range(300)]
for name in names:
    open(name, "w").close()
print(len(os.listdir(".")))
for name in names:
    os.remove(name)
