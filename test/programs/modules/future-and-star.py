from __future__ import annotations
from math import *
from os.path import *

print(pi, floor(2.5), join("a", "b"))


def f(x: undefined_type) -> another:  # noqa: F821
    return x


print(f.__annotations__)
import this
