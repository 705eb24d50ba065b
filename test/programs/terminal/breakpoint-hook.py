import sys

sys.breakpointhook = lambda *args, **kwargs: print("hook", args)
breakpoint(1)
sys.settrace(lambda frame, event, arg: None)


def f():
    return 5


print(f(), sys.gettrace() is not None)
