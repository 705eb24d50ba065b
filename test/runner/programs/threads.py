import threading
go = threading.Event()
done = []
def work(number):
    go.wait()
    done.append(number)
threads = [threading.Thread(target=work, args=(n,)) for n in range(20)]
try:
    for thread in threads:
        thread.start()
finally:
    go.set()
for thread in threads:
    thread.join()
print("threads", len(done))
