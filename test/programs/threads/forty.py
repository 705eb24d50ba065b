import threading

barrier = threading.Barrier(40)
threads = [threading.Thread(target=barrier.wait) for _ in range(39)]
for thread in threads:
    thread.start()
barrier.wait()
for thread in threads:
    thread.join()
print("all forty met")
