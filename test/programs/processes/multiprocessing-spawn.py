import multiprocessing

print("imported as", __name__, flush=True)


def square(n, results):
    results.put(n * n)


if __name__ == "__main__":
    context = multiprocessing.get_context("spawn")
    results = context.SimpleQueue()
    process = context.Process(target=square, args=(3, results))
    process.start()
    print(results.get())
    process.join()
    print(process.exitcode)
