with open("out.txt", "w") as file:
    print("to a file", 1, sep="|", file=file)
    print("more", end="", file=file)
print(open("out.txt").read())
