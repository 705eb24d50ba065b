import threading

event = threading.Event()
timer = threading.Timer(0.05, event.set)
timer.start()
print(event.wait(60))
cancelled = threading.Timer(600, print, ["never"])
cancelled.start()
cancelled.cancel()
condition = threading.Condition()
ready = False


def tell():
    global ready
    with condition:
        ready = True
        condition.notify_all()


threading.Thread(target=tell).start()
with condition:
    condition.wait_for(lambda: ready)
local = threading.local()
local.x = 1
print(local.x, threading.BoundedSemaphore(2).acquire(), threading.main_thread().name)
