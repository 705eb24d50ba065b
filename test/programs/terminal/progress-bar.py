import sys
import time

for step in range(11):
    sys.stdout.write("\r[" + "#" * step + "." * (10 - step) + f"] {step * 10:3}%")
    sys.stdout.flush()
    time.sleep(0.001)
print()
