import queue
import threading

total = 0
lock = threading.Lock()
work = queue.Queue()
results = []


def add():
    global total
    for _ in range(1000):
        with lock:
            total += 1


def consume():
    while True:
        item = work.get()
        if item is None:
            break
        results.append(item * item)
        work.task_done()


threads = [threading.Thread(target=add) for _ in range(5)]
worker = threading.Thread(target=consume, name="consumer")
for thread in [*threads, worker]:
    thread.start()
for number in range(10):
    work.put(number)
work.put(None)
for thread in [*threads, worker]:
    thread.join()
print(total, results, threading.active_count(), worker.name, worker.is_alive(), threading.current_thread().name)
