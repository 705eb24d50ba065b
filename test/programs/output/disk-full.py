with open("/dev/full", "w") as file:
    file.write("x" * 10)
