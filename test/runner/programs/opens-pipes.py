# Opens as many pipes as it can, in several processes, says so, and holds them until its input ends.
import os, sys

hold_read, hold_write = os.pipe()
for _ in range(24):
    ready_read, ready_write = os.pipe()
    if os.fork() == 0:
        os.close(hold_write)
        pipes = []
        try:
            while True:
                pipes.append(os.pipe())
        except OSError:
            os.write(ready_write, b".")
        os.read(hold_read, 1)
        os._exit(0)
    os.read(ready_read, 1)
    os.close(ready_read)
    os.close(ready_write)
print("open", flush=True)
sys.stdin.read()
