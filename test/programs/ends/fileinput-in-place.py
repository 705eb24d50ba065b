import fileinput
open("out", "w").write("a\nb\n")
for line in (i := fileinput.input("out", inplace=True)):
    print(line.upper(), end="")
    if line == "b\n": break
