import time
from concurrent.futures import ThreadPoolExecutor
e = ThreadPoolExecutor(2)
def f(n):
    time.sleep(0.1)
    print("task", n)
e.submit(f, 1)
