import sys

print("a")
print(repr(sys.stdin.readline()))
print("b")
print(repr(input()))
print("c")
print(repr(next(sys.stdin)))
print("d")
print(repr(sys.stdin.buffer.readline()))
