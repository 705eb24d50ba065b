import mmap

with open("m", "wb") as file:
    file.write(b"hello world")
with open("m", "r+b") as file, mmap.mmap(file.fileno(), 0) as memory:
    memory[:5] = b"HELLO"
    print(memory.find(b"world"), memory[6:], len(memory))
with mmap.mmap(-1, 100) as memory:
    memory.write(b"anonymous")
    print(memory[:9])
print(open("m").read())
