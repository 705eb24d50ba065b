def fail(error):
    raise error


errors = []
for each in (ValueError("one"), TypeError("two"), OSError(2, "three")):
    try:
        fail(each)
    except Exception as error:
        errors.append(error)
errors[0].add_note("a note\nof two lines")
try:
    raise ExceptionGroup("several", [*errors, ExceptionGroup("inner", [KeyError("deep")])])
except* TypeError as group:
    print("types:", group.exceptions)
except* OSError as group:
    print("system:", group.exceptions)
