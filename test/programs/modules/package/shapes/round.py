__all__ = ["ellipse"]


def ellipse(a, b):
    return a * b


def hidden():
    pass
