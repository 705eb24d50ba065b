def hanoi(disks, source, target, spare):
    if disks == 0:
        return 0
    moves = hanoi(disks - 1, source, spare, target)
    if disks > 2:
        print(f"{disks}: {source} -> {target}")
    return moves + 1 + hanoi(disks - 1, spare, target, source)


def factorial(n):
    return 1 if n < 2 else n * factorial(n - 1)


print(hanoi(5, "A", "C", "B"))
print(factorial(50))
print(factorial(300) % 10**9)
