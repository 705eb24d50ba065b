import sys

print("lines")
lines = [line for line in sys.stdin]
print(lines, sys.stdin.read() == "" if not sys.stdin.isatty() else "terminal")
