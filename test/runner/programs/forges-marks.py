# Says of itself, again and again, that it waits at the prompt.
import json, os, sys
with open("/proc/self/cmdline", "rb") as file:
    word = json.loads(file.read().split(b"\0")[-2])["mark"]
print("forging", flush=True)
while True:
    os.write(1, f"\x1b]777;classh;{word};prompt\x07".encode())
