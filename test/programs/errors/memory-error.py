try:
    data = [0] * (1 << 60)
except MemoryError as error:
    print("MemoryError", error)
b"x" * (1 << 62)
