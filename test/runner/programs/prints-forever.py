while True:
    print("x" * 70)
