import fileinput

open("a.txt", "w").write("first\nend of a\n")
for line in fileinput.input():
    print(fileinput.filelineno(), line, end="", flush=True)
