import sys

print("out 1")
print("err 1", file=sys.stderr)
sys.stdout.write("out 2 ")
sys.stderr.write("err 2 ")
print("out 3", flush=True)
print("err 3", file=sys.stderr)
