from __future__ import annotations

import typing
from abc import ABC, abstractmethod
from typing import NamedTuple, Optional, Protocol, TypedDict


class Shape(ABC):
    @abstractmethod
    def area(self) -> float: ...


class Square(Shape):
    def __init__(self, side: float) -> None:
        self.side = side

    def area(self) -> float:
        return self.side**2


class Employee(NamedTuple):
    name: str
    id: int = 3


class Movie(TypedDict, total=False):
    title: str


def greet(name: Optional[str] = None, *others: int, loud: bool = False) -> str:
    return f"Hi {name}"


print(Square(3).area(), Employee("Guido"), Movie(title="x"), greet.__annotations__, typing.get_type_hints(greet))
value: int = "not checked"
print(value, __annotations__ if "__annotations__" in globals() else "later")
Shape()
