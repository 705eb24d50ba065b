for percent in range(0, 101, 20):
    print(f"\r{percent:3}%", end="", flush=True)
print("\rdone")
