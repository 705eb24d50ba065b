import os

for name in ("ünïcode.txt", "with space", "日本", "new\nline", "-dash", "a'b\"c"):
    with open(name, "w") as file:
        file.write(name)
with open(b"\xff\xfe", "w") as file:
    file.write("bytes")
print(sorted(os.listdir(".")), sorted(os.listdir(b"."))[-1])
os.remove(b"\xff\xfe")
