import contextlib
import io
import os
import sys


@contextlib.contextmanager
def tag(name):
    print(f"<{name}>")
    try:
        yield name.upper()
    except KeyError as error:
        print("caught", error)
    finally:
        print(f"</{name}>")


with tag("a") as a, tag("b") as b:
    print(a, b)
    {}["missing"]
with contextlib.suppress(FileNotFoundError):
    os.remove("nothing")
with contextlib.redirect_stdout(io.StringIO()) as text:
    print("hidden")
print(repr(text.getvalue()))
with contextlib.ExitStack() as stack:
    stack.callback(print, "last")
    stack.enter_context(tag("c"))
with contextlib.redirect_stderr(sys.stdout):
    print("to the other", file=sys.stderr)
with contextlib.closing(io.StringIO()) as file:
    pass
print(file.closed)
with tag("fails"):
    raise RuntimeError("out of the block")
