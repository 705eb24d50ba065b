from . import circle, square

__all__ = ["circle", "square"]
