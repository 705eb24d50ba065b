def f():
    g = open("out", "w")
    g.write("x")
    return 1 / 0
f()
