"""Makes, renames and deletes files beside itself as fast as it can: changes-names.py FILES SECONDS"""
import os
import sys
import time

files, seconds = int(sys.argv[1]), float(sys.argv[2])
for number in range(files):
    open(f"f{number}", "w").close()
end = time.monotonic() + seconds
turn = 0
while time.monotonic() < end:
    # In turns without a pause, and as many as the server would look at one by one.
    for _ in range(100 if turn // 1000 % 2 else 1):
        name = f"f{turn % files}"
        os.rename(name, "renamed")
        os.rename("renamed", name)
        open("new", "w").close()
        os.unlink("new")
        turn += 1
    if turn // 1000 % 2:
        time.sleep(0.05)
with open("a.py", "w") as file:
    file.write("after\n")
print("changed")
