import os

print("go", flush=True)
print(os.read(0, 100))
