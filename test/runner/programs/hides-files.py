"""Fills a folder that is not easily counted, until it is stopped: hides-files.py HOW"""
import os, sys, threading, time

how = sys.argv[1]

if how == "deep":
    for _ in range(230):
        os.mkdir("d" * 30)
        os.chdir("d" * 30)
elif how == "odd-name":
    os.makedirs(b"odd-\xff", exist_ok=True)
    os.chdir(b"odd-\xff")
else:
    os.makedirs("hidden", exist_ok=True)
    os.chdir("hidden")
    os.chmod(".", 0o300)

if how == "closed-again":
    def close():
        here = os.open(".", os.O_PATH)
        while True:
            os.chmod(f"/proc/self/fd/{here}", 0o300)
    sys.setswitchinterval(0.0001)
    threading.Thread(target=close, daemon=True).start()

for number in range(24):
    with open(f"part-{number}", "wb") as file:
        file.write(bytes(1 << 20))
    time.sleep(0.1)
time.sleep(200)  # by then it has been stopped
