f = open("out", "a")
print("x", 2, file=f)
