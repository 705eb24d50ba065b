import multiprocessing


def square(n):
    return n * n


def work(queue, number):
    queue.put((number, multiprocessing.current_process().name))


if __name__ == "__main__":
    context = multiprocessing.get_context("fork")
    queue = context.SimpleQueue()
    processes = [context.Process(target=work, args=(queue, n), name=f"worker-{n}") for n in range(3)]
    for process in processes:
        process.start()
    print(sorted(queue.get() for _ in processes))
    for process in processes:
        process.join()
    print([p.exitcode for p in processes])
    one, other = context.Pipe()
    one.send({"a": [1]})
    print(other.recv(), context.cpu_count() > 0)
    value = context.RawValue("i", 7)
    child = context.Process(target=lambda: setattr(value, "value", 8))
    child.start()
    child.join()
    print(value.value)
