import os
import sys

print(sys.stdout.line_buffering, sys.stdout.isatty(), sys.stdin.isatty(), sys.stdout.encoding, sys.stdout.errors, sys.stderr.errors, sys.stdin.errors)
print("half a line", end="")
os.write(1, b"[descriptor]")
print(" rest")
print("left in the buffer", end="")
os._exit(4)
