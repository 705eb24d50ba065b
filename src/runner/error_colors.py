"""Colours in what Python prints about an error, as Python 3.13 has them. The text stays what it is.

Loaded at the first error on a terminal; a Python that has colours of its own never needs it.
"""

MAGENTA, BOLD_MAGENTA, RED, BOLD_RED, RESET = "\x1b[35m", "\x1b[1;35m", "\x1b[31m", "\x1b[1;31m", "\x1b[0m"
MAX_TEXT = 1 << 20
HEADERS = ("Traceback (", "The above exception ", "During handling of ", "Exception Group Traceback (")


def coloured(text):
    if len(text) > MAX_TEXT or "\x1b" in text:
        return text
    lines = []
    ended = False  # whether the last line that was no frame named the exception: then what follows belongs to its message
    for line in text.split("\n"):
        margin, body = split_margin(line)
        if body.startswith(HEADERS):
            ended = False
        elif body.startswith("  File \"") and not ended:
            body = frame(body)
        elif body.startswith("    ") and not body.strip(" ^~\t") and body.strip() and lines and not ended:
            before, source = split_margin(lines[-1])
            lines[-1] = before + pointed(source, body)
            body = pointed(body, body)
        elif body and not ended and body[0] not in " +":
            body = exception(body)
            ended = True
        lines.append(margin + body)
    return "\n".join(lines)


def split_margin(line):
    """The rule beside the members of a group of exceptions, and the rest."""
    rest = line.lstrip(" ")
    if rest.startswith(("| ", "+ ")) and rest != line:
        width = len(line) - len(rest) + 2
        return line[:width], line[width:]
    return "", line


def frame(body):
    """`  File "NAME", line NUMBER, in FUNCTION`, or without the function."""
    name_end = body.rfind("\", line ") + 1
    if not name_end:
        return body
    number, found, function = body[name_end + len(", line "):].partition(", in ")
    end = f", in {MAGENTA}{function}{RESET}" if found else ""
    return f"  File {MAGENTA}{body[len('  File '):name_end]}{RESET}, line {MAGENTA}{number}{RESET}{end}"


def pointed(body, carets):
    """Colours what the second line points at."""
    parts = []
    colour = ""
    for number, character in enumerate(body):
        mark = carets[number] if number < len(carets) else " "
        wanted = {"^": BOLD_RED, "~": RED}.get(mark, "")
        if wanted != colour:
            parts.append((RESET if colour else "") + wanted)
            colour = wanted
        parts.append(character)
    return "".join(parts) + (RESET if colour else "")


def exception(body):
    """`TYPE: MESSAGE`, or the type alone."""
    name, found, message = body.partition(": ")
    if not name.replace(".", "_").replace("<locals>", "_").isidentifier():
        return body
    return f"{BOLD_MAGENTA}{name}{RESET}" + (f": {MAGENTA}{message}{RESET}" if found else "")
