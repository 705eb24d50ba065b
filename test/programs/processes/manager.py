import multiprocessing


def add(values, lock, n):
    with lock:
        values.append(n)


if __name__ == "__main__":
    context = multiprocessing.get_context("fork")
    with context.Manager() as manager:
        values, lock = manager.list(), manager.Lock()
        processes = [context.Process(target=add, args=(values, lock, n)) for n in range(3)]
        for process in processes:
            process.start()
        for process in processes:
            process.join()
        print(sorted(values))
