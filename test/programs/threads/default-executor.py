from concurrent.futures import ThreadPoolExecutor
import time

with ThreadPoolExecutor() as pool:
    print(sum(pool.map(lambda n: time.sleep(0.01) or n, range(50))))
