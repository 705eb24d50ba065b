def f():
    g = open("out", "w")
    g.write("x")
    raise KeyboardInterrupt


f()
