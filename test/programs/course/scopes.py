count = 0


def counter():
    n = 0

    def step():
        nonlocal n
        n += 1
        return n

    return step


def broken():
    count += 1
    return count


step = counter()
print(step(), step(), counter()())
functions = [lambda: n for n in range(3)]
print([f() for f in functions], [f() for f in [lambda n=n: n for n in range(3)]])


def add(item, items=[]):
    items.append(item)
    return items


print(add(1), add(2), add.__defaults__)
print(sorted(name for name in globals() if not name.startswith("__")), "count" in locals(), sorted(dir())[:3])
broken()
