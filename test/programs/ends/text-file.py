f = open("out", "w")
f.write("x")
