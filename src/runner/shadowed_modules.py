"""Says when a student's own file stands in the way of a module. Loaded after an error."""

import os
import sys

MAX_CAUSES = 10
loaders = sys.modules["_frozen_importlib_external"]


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
