"""Shows an error as Python does, without our frames, and says when a student's own file stands in the way of a module."""

import _io
import os
import sys

from missing_modules import missing_sentence
from outermost import outermost

# As it was compiled: what our frames are known by.
FOLDER = os.path.dirname((lambda: None).__code__.co_filename)
MAX_CAUSES = 10
loaders = sys.modules["_frozen_importlib_external"]

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
        sentence = shadowing_sentence(error) or missing_sentence(error)
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
    """A module of ours that only errors need, in no table of modules: it is forgotten again."""
    module = type(sys)(name)
    exec(loaders.SourcelessFileLoader(name, f"{FOLDER}/{name}.pyc").get_code(name), module.__dict__)
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


def shadowing_sentence(error):
    """For an error because a file beside the program is imported instead of an installed module; otherwise None."""
    for _ in range(MAX_CAUSES):
        found = failed_module(error)
        if found:
            name, file = found
            whose = shadowed(name, file)
            if whose:
                package = os.path.basename(file).startswith("__init__.")
                what, where = ("folder", f"The folder {name}") if package else ("file", f"{os.path.basename(file)} in your folder")
                return f'{where} is imported instead of {whose} module "{name}". Rename your {what}.'
        error = error.__cause__ or error.__context__
        if error is None:
            return None


def failed_module(error):
    """Name and file of the module, or of the package above it, in which something was looked for and not found."""
    if isinstance(error, AttributeError) and isinstance(error.obj, type(sys)):
        described = vars(error.obj)
        name, file = described["__name__"], described.get("__file__")
    elif isinstance(error, ImportError) and error.name:
        name, file = error.name, error.path
    else:
        return None
    top = name.partition(".")[0]
    if top != name or not file:
        file = getattr(sys.modules.get(top), "__file__", None)
    return (top, file) if file else None


def shadowed(name, file):
    """Whose module is not imported because a file has its name; None for a file that is not beside the program, or in nobody's way."""
    folder, base = os.path.split(file)
    if base.startswith("__init__."):
        folder = os.path.dirname(folder)
    program = getattr(sys.modules["__main__"], "__file__", None)
    if folder != (os.path.dirname(program) if program else os.getcwd()):
        return None
    if name in sys.stdlib_module_names:
        return "Python's own"
    elsewhere = [entry for entry in sys.path if entry not in ("", folder)]
    return "the installed" if loaders.PathFinder.find_spec(name, elsewhere) else None
