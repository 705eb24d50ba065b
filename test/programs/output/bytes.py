import os
import sys

print("text")
sys.stdout.flush()
sys.stdout.buffer.write(b"bytes \xe2\x82\xac\n")
sys.stdout.buffer.flush()
os.write(1, b"descriptor\n")
sys.stdout.write("after\n")
