import sys

sys.stdout.write("0123456789" * 100_000 + "\n")
print("end")
