import sys

sys.stdout.reconfigure(encoding="ascii", errors="backslashreplace")
print("€ and ü")
sys.stdout.reconfigure(encoding="latin-1", errors="strict")
sys.stdout.buffer.write("ü\n".encode())
print("€")
