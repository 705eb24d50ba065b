from concurrent.futures import ThreadPoolExecutor, as_completed

with ThreadPoolExecutor(max_workers=4) as pool:
    futures = [pool.submit(pow, n, 2) for n in range(8)]
    print(sorted(f.result() for f in as_completed(futures)), list(pool.map(len, ["a", "bb"])))
    failing = pool.submit(int, "x")
    print(type(failing.exception()).__name__)
failing.result()
