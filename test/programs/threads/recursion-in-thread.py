import sys
import threading


def down(n):
    return 1 if n == 0 else 1 + down(n - 1)


def work():
    print(down(900))


threading.stack_size(16 << 20)
sys.setrecursionlimit(20000)
for function in (work, lambda: print(down(15000))):
    thread = threading.Thread(target=function)
    thread.start()
    thread.join()
