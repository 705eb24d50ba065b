"""Asks for a line, and meanwhile makes small files in moments too short to be seen at work."""
import os, threading, time


def make():
    os.makedirs("many", exist_ok=True)
    for number in range(10_000):
        open(f"many/new-{number}", "w").close()
        time.sleep(0.004)


threading.Thread(target=make, daemon=True).start()
input("name? ")
