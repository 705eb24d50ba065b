import dataclasses
from dataclasses import dataclass, field


@dataclass(order=True)
class Point:
    x: int
    y: int = 0
    tags: list = field(default_factory=list, compare=False)


@dataclass(frozen=True)
class Name:
    first: str
    last: str

    def __post_init__(self):
        if not self.last:
            raise ValueError("no last name")


print(Point(1), Point(1) == Point(1, 0, ["x"]), sorted([Point(2), Point(1, 5)]), dataclasses.asdict(Point(3)))
print(Name("Ada", "Lovelace"), hash(Name("a", "b")) == hash(Name("a", "b")), dataclasses.replace(Name("a", "b"), first="c"))
for attempt in (lambda: Name("a", ""), lambda: setattr(Name("a", "b"), "first", "x"), lambda: Point()):
    try:
        attempt()
    except Exception as error:
        print(type(error).__name__, error)
