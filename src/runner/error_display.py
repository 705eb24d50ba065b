"""Shows an error as Python does, without our frames, and tells the screen what is known of it."""

import _io
import marshal
import os
import sys

import ordinary_start
from outermost import outermost

# As it was compiled: what our frames are known by.
FOLDER = os.path.dirname((lambda: None).__code__.co_filename)

# What our sentence begins with, among the output of a program that may be read by another.
prefix = ""

# Takes what the screen wants to know of an error, where there is one: a text in JSON.
tell = None

# From 3.13 on Python has colours of its own.
plain_hook = sys.excepthook if sys.version_info < (3, 13) else None


def theirs(frames):
    """Frames of a traceback without ours at its begin."""
    while frames and os.path.dirname(frames.tb_frame.f_code.co_filename) == FOLDER:
        frames = frames.tb_next
    return frames


def cut_ours(frames):
    """Ends a traceback before our frames at its end: where somebody steps through a program, Ctrl-C is raised in them."""
    while frames:
        inner = frames.tb_next
        if inner and os.path.dirname(inner.tb_frame.f_code.co_filename) == FOLDER:
            frames.tb_next = None
        frames = frames.tb_next


def show_error(error, frames):
    """As python3 does at the end of a program, and at its prompt."""
    error.__traceback__ = frames
    sys.last_type, sys.last_value, sys.last_traceback = type(error), error, frames
    if sys.version_info >= (3, 12):
        sys.last_exc = error
    hook = getattr(sys, "excepthook", None)
    if hook is None:
        print("sys.excepthook is missing", file=sys.stderr)
        hook = sys.__excepthook__
    try:
        stream = getattr(sys, "stderr", None)
        if hook is plain_hook and wants_colours(stream):
            show_in_colours(stream, error, frames)
        else:
            outermost(hook, type(error), error, frames)
    except SystemExit:
        raise
    except BaseException as second:
        if second.__context__ is error:
            second.__context__ = None
        second.__traceback__ = theirs(second.__traceback__)
        print("Error in sys.excepthook:", file=sys.stderr)
        sys.__excepthook__(type(second), second, second.__traceback__)
        print("\nOriginal exception was:", file=sys.stderr)
        sys.__excepthook__(type(error), error, frames)
    try:
        sentence = load("shadowed_modules").shadowing_sentence(error) or load("missing_modules").missing_sentence(error)
        if sentence:
            print(prefix + sentence, file=sys.stderr)
    except Exception:
        pass  # the error, or what it is about, is the program's: it may answer with anything
    if tell:
        try:
            facts = load("error_facts").told(error, frames)
            if facts:
                tell(facts)
        except Exception:
            pass  # no memory, or no descriptor, is left for it


def load(name):
    """A module of ours that only errors need: packed, in no table of modules, and forgotten again."""
    module = type(sys)(name)
    with open(f"{FOLDER}/{name}.packed", "rb") as file:
        code = ordinary_start.import_privately("zlib").decompress(file.read())
    exec(marshal.loads(code), module.__dict__)
    return module


def wants_colours(stream):
    """As Python 3.13 decides it, but that a pipe never gets any."""
    try:
        if type(stream) is not _io.TextIOWrapper or not os.isatty(stream.fileno()):
            return False
    except (OSError, ValueError):
        return False  # closed, or detached
    words = os.environ if not sys.flags.ignore_environment else {}
    asked = words.get("PYTHON_COLORS")
    if asked in ("0", "1"):
        return asked == "1"
    if "NO_COLOR" in words:
        return False
    return "FORCE_COLOR" in words or words.get("TERM") != "dumb"


def show_in_colours(stream, error, frames):
    plain = sys.stderr = _io.StringIO()
    try:
        outermost(plain_hook, type(error), error, frames)
    finally:
        sys.stderr = stream
    text = plain.getvalue()
    try:
        text = load("error_colors").coloured(text)
    except Exception:
        pass  # no memory, or no descriptor, is left for it
    stream.write(text)
    stream.flush()
