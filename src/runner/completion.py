"""Completes names at the prompt: of variables, built-in names and keywords, and attributes behind a dot."""

import builtins

import ordinary_start
from outermost import outermost


def word_before(text):
    """The name, with dots, that a text ends with."""
    start = len(text)
    while start and (text[start - 1].isidentifier() or text[start - 1].isdigit() or text[start - 1] == "."):
        start -= 1
    return text[start:]


def completions(text, variables):
    """What the name at the end of a text may become, sorted; and the part of it that they replace."""
    path, dot, name = word_before(text).rpartition(".")
    try:
        found = attributes(path, variables) if dot else names(variables)
    except BaseException:
        return [], name  # objects of the program's may answer with anything
    hidden = name.startswith("_")
    return sorted({each for each in found if each.startswith(name) and (hidden or not each.startswith("_"))}), name


def names(variables):
    keyword = ordinary_start.import_privately("keyword")
    for name in keyword.kwlist:
        yield name
    for scope in (vars(builtins), variables):
        for name in scope:
            if isinstance(name, str):
                yield name


def attributes(path, variables):
    first, *others = path.split(".")
    if first in variables:
        value = variables[first]
    else:
        value = vars(builtins)[first]
    for name in others:
        value = outermost(getattr, value, name)
    return [name for name in outermost(dir, value) if isinstance(name, str)]


def common_beginning(words):
    first, last = min(words), max(words)
    length = 0
    while length < min(len(first), len(last)) and first[length] == last[length]:
        length += 1
    return first[:length]


def in_columns(words, width, most):
    """A list of words for the screen; what there is no room for is counted."""
    shown = words[:most]
    column = min(max(map(len, shown)) + 2, width)
    count = max(1, width // column)
    lines = -(-len(shown) // count)
    for number in range(lines):
        yield "".join(word.ljust(column) for word in shown[number::lines]).rstrip()[:width]
    if len(words) > most:
        yield f"... and {len(words) - most} more"
