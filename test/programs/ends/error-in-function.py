def f():
    g = open("out", "w")
    g.write("x")
    raise ValueError("no")


f()
