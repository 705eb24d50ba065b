import os
import sys

print("lost without a flush" if not sys.stdout.isatty() else "shown on a terminal")
os._exit(3)
