import os, time
refused = 0
children = 0
for _ in range(500):
    try:
        if os.fork() == 0:
            time.sleep(600)
            os._exit(0)
        children += 1
    except OSError:
        refused += 1
print(f"children {children} refused {refused}", flush=True)
time.sleep(600)  # so that it is also seen
