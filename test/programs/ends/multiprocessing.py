import multiprocessing, time
def f():
    time.sleep(0.2)
    open("out", "w").write("x")
multiprocessing.get_context("fork").Process(target=f).start()
