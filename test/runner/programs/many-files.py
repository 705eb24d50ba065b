"""Deletes small files slowly, or makes some and is to be stopped: many-files.py make|delete COUNT"""
import os, sys, time

task, count = sys.argv[1], int(sys.argv[2])
os.makedirs("many", exist_ok=True)
for number in range(count):
    if task == "make":
        open(f"many/new-{number}", "w").close()
    else:
        os.remove(f"many/old-{number}")
    time.sleep(0.005)
time.sleep(200 if task == "make" else 1)
print("done", len(os.listdir("many")))
