from dataclasses import dataclass


@dataclass
class Point:
    x: int
    y: int


def describe(value):
    match value:
        case 0 | 1:
            return "small"
        case int(n) if n < 0:
            return f"negative {n}"
        case [first, *rest]:
            return f"list from {first} with {len(rest)} more"
        case {"name": str(name), **more}:
            return f"{name} and {sorted(more)}"
        case Point(x=0, y=y):
            return f"on the axis at {y}"
        case Point():
            return "a point"
        case "quit" | "exit" as word:
            return f"word {word}"
        case None:
            return "nothing"
        case _:
            return "else"


for value in (0, -5, [1, 2, 3], {"name": "Ada", "age": 36}, Point(0, 3), Point(1, 1), "exit", None, 2.5):
    print(describe(value))
