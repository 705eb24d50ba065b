import logging
import sys
import traceback


def f(n):
    if n:
        return f(n - 1)
    return undefined  # noqa: F821


try:
    f(2)
except NameError:
    traceback.print_exc(file=sys.stdout)
    print(traceback.format_exc(limit=1))
    for frame in traceback.extract_tb(sys.exc_info()[2]):
        print(frame.name, frame.lineno, frame.line)
    logging.exception("logged")
traceback.print_stack(file=sys.stdout)
print("".join(traceback.format_exception_only(ValueError("x"))) if sys.version_info >= (3, 10) else "ValueError: x\n")
