def parse(text):
    try:
        return int(text)
    except ValueError as error:
        raise RuntimeError("can't parse") from error


def handle(text):
    try:
        parse(text)
    except RuntimeError:
        raise KeyError(text)


try:
    handle("x")
except KeyError as error:
    print(type(error.__context__), type(error.__context__.__cause__))
    raise TypeError("at the end") from None
