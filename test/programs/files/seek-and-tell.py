with open("f.bin", "w+b") as file:
    file.write(bytes(range(20)))
    file.seek(-5, 2)
    print(file.tell(), file.read(2), file.seek(3), file.read(1), file.truncate(10))
with open("t.txt", "w+", encoding="utf-8") as file:
    print(file.write("äöü\nline\n"), file.tell())
    file.seek(0)
    print(file.readline(), file.tell(), file.readlines(), file.read())
file.read()
