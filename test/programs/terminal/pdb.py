def add(values):
    breakpoint()
    total = 0
    for value in values:
        total += value
    return total


print(add([1, 2, 3]))
