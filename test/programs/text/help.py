help(len)
help("if")


def area(r):
    """The area of a circle."""


help(area)
