import math

from .square import area as square_area


def area(radius):
    return round(math.pi * radius**2, 3) + 0 * square_area(1)
