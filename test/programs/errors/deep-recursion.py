def down(n):
    return down(n + 1)


try:
    down(0)
except RecursionError as error:
    print(error)
import sys

print(sys.getrecursionlimit())
sys.setrecursionlimit(200)
try:
    down(0)
except RecursionError as error:
    print(type(error).__name__)
