import sys
lines = sys.stdin.read().splitlines()
print("lines", len(lines), "args", sys.argv[1:])
print("to stderr", file=sys.stderr)
