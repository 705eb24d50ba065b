def work(values):
    for value in values:
        inner(value)


def inner(value):
    raise ValueError(f"bad {value}")
