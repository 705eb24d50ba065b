import contextlib
s = contextlib.ExitStack()
f = s.enter_context(open("out", "w"))
f.write("x")
def g():
    with open("more", "w") as f:
        f.write("y")
        yield
h = g()
next(h)
