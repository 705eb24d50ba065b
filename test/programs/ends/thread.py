import threading, time
def f():
    time.sleep(0.3)
    print("thread")
    g.write("x")
g = open("out", "w")
threading.Thread(target=f).start()
print("main")
