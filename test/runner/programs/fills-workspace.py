import os, time
for number in range(100000):
    with open(f"part-{number}.bin", "wb") as file:
        file.write(os.urandom(1 << 20))
    time.sleep(0.01)
