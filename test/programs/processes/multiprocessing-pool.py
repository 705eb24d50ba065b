import multiprocessing


def square(n):
    return n * n


def fail(n):
    raise ValueError(n)


if __name__ == "__main__":
    with multiprocessing.get_context("fork").Pool(3) as pool:
        print(pool.map(square, range(10)), pool.apply_async(square, (9,)).get(60))
        try:
            pool.map(fail, [1])
        except ValueError as error:
            print("from the pool:", error)
