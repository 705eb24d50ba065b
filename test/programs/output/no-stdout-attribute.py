import sys

del sys.stdout
try:
    print("x")
except RuntimeError as error:
    sys.stderr.write(f"{error}\n")
