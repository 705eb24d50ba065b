f = open(1, "w", closefd=False)
f.write("once")
