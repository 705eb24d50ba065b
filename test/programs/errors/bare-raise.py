try:
    {}[0]
except KeyError:
    try:
        raise
    except KeyError as error:
        print("again", error)
raise
