with open("big.bin", "wb") as file:
    for _ in range(20):
        file.write(bytes(1 << 20))
        file.flush()
print("written")
