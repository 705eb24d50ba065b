import atexit
atexit.register(print, "first")
atexit.register(lambda: open("out", "a").write("x"))
atexit.register(lambda: 1 / 0)
print("program")
