import pdb


def f():
    pdb.set_trace()
    return 1


x = [1]
f()
