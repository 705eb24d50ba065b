import io
import sys

sys.stdin = io.StringIO("from a string\nsecond\n")
print(input("prompt: "))
print(sys.stdin.read())
