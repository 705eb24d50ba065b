"""The variables of a program in JSON, as the screen shows them: all in a few words, or one of them in full."""

import _signal as signal
import types

from copies import UNASKED, call_in_copies
from values import (
    Description,
    WIDTH,
    attributes_of,
    base_of,
    class_name,
    contents_of_class,
    first_items,
    fitted,
    length_of,
    provider,
    signature,
    type_name,
)

MAX_NAMES, MAX_NAME = 300, 60
MAX_ROWS, MAX_COLUMNS, MAX_CELL, MAX_LINE = 500, 20, 60, 500
# Seconds of work and of waiting that one call of the program's code may take.
WORK, WAIT = 0.05, 0.2
# Seconds of work for a value in full.
WHOLE = 0.4

ESCAPES = {number: f"\\u{number:04x}" for number in (*range(32), 34, 92, *range(127, 160))}


def in_json(value):
    """In ASCII, so that it can be cut anywhere."""
    if value is None:
        return "null"
    if type(value) is str:
        return '"' + "".join(map(escaped, value.translate(ESCAPES))) + '"'
    if type(value) is dict:
        return "{" + ",".join(f"{in_json(name)}:{in_json(each)}" for name, each in value.items()) + "}"
    if type(value) is list:
        return "[" + ",".join(map(in_json, value)) + "]"
    return repr(value).lower()


def escaped(character):
    code = ord(character)
    if code < 128:
        return character
    if code > 0xFFFF:
        code -= 0x10000
        return f"\\u{0xD800 + (code >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"
    return f"\\u{code:04x}"


class Late(BaseException):
    """Code of the program's has taken its time."""

    seen = False


def too_late(*ignored):
    raise Late


def call_theirs(function, *arguments):
    """In a copy of this process only: what their code answers, or None."""
    for number, timer, seconds in ((signal.SIGALRM, signal.ITIMER_REAL, WAIT), (signal.SIGVTALRM, signal.ITIMER_VIRTUAL, WORK)):
        signal.signal(number, too_late)
        signal.setitimer(timer, seconds)
    try:
        return function(*arguments)
    except Late:
        Late.seen = True
    except BaseException:
        pass
    finally:
        for timer in (signal.ITIMER_REAL, signal.ITIMER_VIRTUAL):
            signal.setitimer(timer, 0)
    return None


def all_variables(variables):
    names = [name for name in list(variables) if type(name) is str and not (name.startswith("__") and name.endswith("__"))]
    entries, lacking = [], []
    for name in names[:MAX_NAMES]:
        value = variables.get(name)
        description = Description()
        entry = {"name": name[:MAX_NAME], "type": type_name(value), "value": description.of(value)}
        if description.full:
            entry["cut"] = True
        length = length_of(value)
        if length is not None:
            entry["length"] = str(length)
        group = group_of(value, variables)
        if group:
            entry["group"] = group
        elif description.lacks:
            lacking.append((entry, value))
        entries.append(entry)
    ask_theirs(lacking)
    return in_json({"variables": entries, "more": len(names) - len(entries)})


def group_of(value, variables):
    """ "module"; "here" and "imported" for functions and classes; None for anything else."""
    kind = type(value)
    if kind is types.ModuleType:
        return "module"
    if kind is types.FunctionType:
        return "here" if value.__globals__ is variables else "imported"
    if kind is types.BuiltinFunctionType or kind is types.MethodType and not_here(value, variables):
        return "imported"
    if issubclass(kind, type) and base_of(value, (type,)) is type:
        return "here" if contents_of_class(value).get("__module__") == "__main__" else "imported"
    return None


def not_here(method, variables):
    function = method.__func__
    return type(function) is not types.FunctionType or function.__globals__ is not variables


# Classes whose code has answered too late, and how often.
late = {}


def ask_theirs(lacking):
    """Adds to entries what the program's own code says about the values."""
    asked = [(entry, value) for entry, value in lacking if late.get(id(type(value)), 0) < 2]
    if not asked:
        return
    try:
        answers = call_in_copies([lambda value=value: described_by_theirs(value) for _, value in asked], WORK + 0.01)
    except OSError:
        return  # no process can be started
    for (entry, value), answer in zip(asked, answers):
        if answer is UNASKED:
            continue
        text, length, was_late = (answer or "\0\0late").split("\0")
        if was_late:
            late[id(type(value))] = late.get(id(type(value)), 0) + 1
        if text:
            entry["value"] = text
        if length:
            entry["length"] = length


def described_by_theirs(value):
    Late.seen = False
    text = frame_columns(value) or Description(call_theirs=call_theirs).of(value)
    length = "" if length_of(value) is not None else theirs_length(value)
    return "\0".join((text.replace("\0", " "), length.replace("\0", " "), "late" if Late.seen else ""))


def frame_columns(value):
    """A table of pandas has no words that fit a line."""
    if type_name(value) != "DataFrame":
        return None
    columns = call_theirs(lambda: ", ".join(str(each) for each in list(value.columns)[:MAX_COLUMNS]))
    return columns and fitted(f"columns: {columns}", WIDTH)


def theirs_length(value):
    """The shape of an array, or the length of what has one."""
    def ask():
        shape = getattr(value, "shape", None)
        if type(shape) is tuple and shape and all(type(each) is int for each in shape):
            return "×".join(map(str, shape))
        return str(len(value)) if provider(type(value), "__len__") else ""

    return (call_theirs(ask) or "")[:30]


def whole_value(variables, name):
    """One value with all that is in it, within bounds."""
    if name not in variables:
        return in_json({"name": name, "lines": [f"There is no variable {name} any more."], "rest": 0})
    value = variables[name]
    try:
        answer = call_in_copies([lambda: whole(name, value, call_theirs)], WHOLE)[0]
    except OSError:
        answer = None
    return whole(name, value, None) if answer is None or answer is UNASKED else answer


def whole(name, value, calls):
    length = length_of(value)
    found = {"name": name, "type": type_name(value)}
    if length is not None:
        found["length"] = str(length)
    elif calls:
        found["length"] = theirs_length(value)
    for look in (library_table, own_table):
        table = look(value, calls)
        if table:
            return in_json({**found, **table})
    return in_json({**found, **in_lines(value, calls)})


def cell(value, calls):
    return Description(MAX_CELL, calls).of(value)


def label(value, calls):
    """Of a column or a row: a text without quotes."""
    return fitted(value, MAX_CELL) if type(value) is str else cell(value, calls)


def table(columns, rows, rest):
    return {"columns": columns, "rows": rows, "rest": max(0, rest)}


def own_table(value, calls):
    """Of Python's own containers, and of what an object has in itself."""
    base = base_of(value, (str, bytes, bytearray, list, tuple, dict, set, frozenset))
    if base in (list, tuple):
        items = base.__getitem__(value, slice(0, MAX_ROWS))
        rest = base.__len__(value) - len(items)
        return rows_table(items, rest, calls) or table(
            ["", "value", "type"],
            [[str(number), cell(each, calls), type_name(each)] for number, each in enumerate(items)],
            rest,
        )
    if base is dict:
        items = first_items(dict.items(value), MAX_ROWS)
        return table(
            ["key", "value", "type"],
            [[cell(key, calls), cell(each, calls), type_name(each)] for key, each in items],
            dict.__len__(value) - len(items),
        )
    if base in (set, frozenset):
        items = first_items(base.__iter__(value), MAX_ROWS)
        return table(
            ["value", "type"],
            [[cell(each, calls), type_name(each)] for each in items],
            base.__len__(value) - len(items),
        )
    if base is None and not isinstance_of_function(value):
        attributes = attributes_of(value)
        if attributes:
            return table(
                ["attribute", "value", "type"],
                [[name[:MAX_CELL], cell(each, calls), type_name(each)] for name, each in attributes[:MAX_ROWS]],
                len(attributes) - MAX_ROWS,
            )
    return None


def isinstance_of_function(value):
    return type(value) in (types.FunctionType, types.ModuleType) or issubclass(type(value), type)


def rows_table(items, rest, calls):
    """A list of lists of one length, or of dictionaries with the same keys, is a table of its own."""
    if len(items) < 2:
        return None
    base = base_of(items[0], (list, tuple, dict))
    if base is None or any(base_of(each, (list, tuple, dict)) is not base for each in items):
        return None
    if base is dict:
        keys = first_items(dict.keys(items[0]), MAX_COLUMNS)
        if not keys or any(type(key) is not str for key in keys):
            return None
        if any(dict.__len__(each) != dict.__len__(items[0]) or not all(dict.__contains__(each, key) for key in keys) for each in items):
            return None
        rows = [[cell(dict.__getitem__(each, key), calls) for key in keys] for each in items]
        columns = [label(key, calls) for key in keys]
    else:
        count = base.__len__(items[0])
        if not count or any(base.__len__(each) != count for each in items):
            return None
        rows = [[cell(each, calls) for each in base.__getitem__(row, slice(0, MAX_COLUMNS))] for row in items]
        columns = [str(number) for number in range(min(count, MAX_COLUMNS))]
    return table(["", *columns], [[str(number), *row] for number, row in enumerate(rows)], rest)


def library_table(value, calls):
    """A table of pandas, or an array of numpy with one or two dimensions."""
    look = {"DataFrame": frame_table, "Series": series_table, "ndarray": array_table}.get(type_name(value))
    if not look or not calls:
        return None
    try:
        return look(value, calls)
    except Exception:
        return None  # another class with that name


def frame_table(frame, calls):
    part = frame.iloc[:MAX_ROWS, :MAX_COLUMNS]
    columns = [label(each, calls) for each in part.columns]
    rows = [[label(row[0], calls), *(label(plain(each), calls) for each in row[1:])] for row in part.itertuples(name=None)]
    return table(["", *columns], rows, len(frame) - len(rows))


def series_table(series, calls):
    part = series.iloc[:MAX_ROWS]
    rows = [[label(plain(key), calls), label(plain(each), calls)] for key, each in part.items()]
    return table(["", label(series.name, calls) if series.name is not None else "value"], rows, len(series) - len(rows))


def array_table(array, calls):
    if array.ndim == 1:
        rows = [[str(number), cell(plain(each), calls)] for number, each in enumerate(array[:MAX_ROWS])]
        return table(["", "value"], rows, array.shape[0] - len(rows))
    if array.ndim != 2:
        return None
    part = array[:MAX_ROWS, :MAX_COLUMNS]
    rows = [[str(number), *(cell(plain(each), calls) for each in row)] for number, row in enumerate(part)]
    return table(["", *map(str, range(part.shape[1]))], rows, array.shape[0] - len(rows))


def plain(value):
    """A number of numpy as Python's own."""
    item = getattr(value, "item", None)
    return item() if item and type(value).__module__ == "numpy" else value


def in_lines(value, calls):
    base = base_of(value, (str, bytes, bytearray))
    if base is str:
        text = str.__getitem__(value, slice(0, MAX_ROWS * MAX_LINE))
        rest = str.__len__(value) - len(text)
    else:
        if type(value) is types.FunctionType:
            text = f"{signature(value)}\n\n{value.__doc__ if type(value.__doc__) is str else ''}"
        elif issubclass(type(value), type):
            text = f"class {class_name(value)}"
        else:
            text = (calls and base is None and calls(repr, value)) or Description(MAX_ROWS * MAX_CELL, calls).of(value)
        text, rest = text[: MAX_ROWS * MAX_LINE], 0
    lines = text.split("\n")
    return {"lines": [line[:MAX_LINE] for line in lines[:MAX_ROWS]], "rest": max(rest, len(lines) - MAX_ROWS, 0)}
