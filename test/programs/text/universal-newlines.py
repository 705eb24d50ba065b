with open("ends.txt", "wb") as file:
    file.write(b"unix\nwindows\r\nold mac\rlast")
for newline in (None, "", "\n", "\r\n"):
    print(newline, open("ends.txt", newline=newline).readlines())
with open("written.txt", "w", newline="\r\n") as file:
    file.write("a\nb\n")
