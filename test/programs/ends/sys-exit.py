import sys
def f():
    g = open("out", "w")
    g.write("x")
    sys.exit(3)
f()
