"""A module's docstring."""


def f():
    "A function's."


print(__doc__, f.__doc__)
