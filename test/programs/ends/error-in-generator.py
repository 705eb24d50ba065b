# What a generator and a handler held that both ended in an error.
def lines():
    file = open("lines", "w")
    for number in range(3):
        file.write(f"{number}\n")
        yield number


def spoil():
    other = open("other", "w")
    other.write("before the second error")
    try:
        for number in lines():
            print(10 // (1 - number))
    except ZeroDivisionError as error:
        raise RuntimeError("two files are open") from error


spoil()
