import enum


class Color(enum.Enum):
    RED = 1
    GREEN = enum.auto()
    ROT = 1


class Access(enum.Flag):
    READ = enum.auto()
    WRITE = enum.auto()


print(list(Color), Color.RED, repr(Color.ROT), Color(2).name, Color["GREEN"].value, Color.RED is Color.ROT)
print(Access.READ | Access.WRITE, Access.READ in (Access.READ | Access.WRITE), enum.IntEnum("Size", "S M").M + 1)
Color(3)
