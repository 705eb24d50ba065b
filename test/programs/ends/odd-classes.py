import io
class Meta(type):
    def __eq__(self, other): raise SystemExit(5)
    def __hash__(self): raise SystemExit(6)
    def __subclasscheck__(self, kind): raise SystemExit(7)
class Odd(metaclass=Meta):
    @property
    def __class__(self): raise SystemExit(8)
o = Odd()
f = open("out", "w")
f.write("x")
