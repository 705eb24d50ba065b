try:
    {}["missing"]
except KeyError as error:
    raise ValueError("wrapped") from error
