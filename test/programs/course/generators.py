import itertools


def primes():
    found = []
    for number in itertools.count(2):
        if all(number % each for each in found):
            found.append(number)
            yield number


def averager():
    total = count = 0
    average = None
    try:
        while True:
            value = yield average
            total += value
            count += 1
            average = total / count
    finally:
        print("averager ends")


print(list(itertools.islice(primes(), 15)), list(itertools.takewhile(lambda n: n < 20, primes())))
mean = averager()
next(mean)
print([mean.send(n) for n in (1, 2, 9)])
mean.close()
print(sum(n * n for n in range(10)), {n: n**2 for n in range(3)}, {n % 3 for n in range(10)}, [x for row in [[1], [2, 3]] for x in row])


def nested():
    result = yield from [1, 2]
    yield result
    return "done"


print(list(nested()))
iterator = nested()
while True:
    try:
        next(iterator)
    except StopIteration as stop:
        print("value", stop.value)
        break
next(iterator)
