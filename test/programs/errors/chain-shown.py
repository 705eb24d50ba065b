def third():
    return [][1]


def second():
    try:
        third()
    except IndexError as error:
        raise ValueError("second") from error


try:
    second()
except ValueError:
    {}["first"]
