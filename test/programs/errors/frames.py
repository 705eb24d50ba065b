import inspect
import sys


def f():
    frame = inspect.currentframe()
    names = []
    while frame:
        names.append((frame.f_code.co_name, frame.f_lineno, frame.f_code.co_filename.rpartition("/")[2]))
        frame = frame.f_back
    return names


print(f(), len(inspect.stack()), sys._getframe().f_back, inspect.getsource(f).splitlines()[0], inspect.getfile(f).rpartition("/")[2])
print(inspect.signature(f), inspect.getmodule(f).__name__, inspect.isfunction(f), [p for p in inspect.getmembers(f, inspect.iscode)][0][0])
