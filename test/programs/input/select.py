import select
import sys

print("ready?", flush=True)
readable, _, _ = select.select([sys.stdin], [], [])
print(readable[0] is sys.stdin, sys.stdin.readline())
