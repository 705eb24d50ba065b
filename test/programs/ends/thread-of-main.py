import threading, time
def f():
    while threading.main_thread().is_alive():
        time.sleep(0.01)
    print("thread")
threading.Thread(target=f).start()
