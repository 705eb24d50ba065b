import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        print("child stays", flush=True)
        while True:
            time.sleep(1)
    os._exit(0)
time.sleep(0.2)
print("parent done", flush=True)
