"""Makes this Python look as if python3 had been started with the program: what it has imported, its paths, flags and names.

It begins without `site`, which runs what lies in a home (usercustomize, .pth files), and that must not happen before the walls are
there. So `site` does its work later: the system's part while the jail lies ready, the home's part when the program starts.
"""

import ctypes
import os
import site
import sys

# What every program finds.
modules = {}
# What we have imported for ourselves.
ours = {}
path = []
# Where our own modules are.
FOLDER = ""
# The paths before `site`.
bare_path = []


def import_privately(name):
    """Imports a module for ourselves: the standard library's, whatever the program has put in its way, and unseen by the program."""
    theirs, their_path = dict(sys.modules), sys.path
    sys.modules.clear()
    sys.modules.update(modules)
    sys.path = list(path)
    try:
        return import_module(name)
    finally:
        sys.modules.clear()
        sys.modules.update(theirs)
        sys.path = their_path


import_module = __import__


def load(name):
    """Imports a module as the program would, whatever the program has put in the place of `__import__`."""
    import_module(name)
    return sys.modules[name]


def import_ours(name):
    """Imports one of our own modules, for what few programs need."""
    theirs, their_path = dict(sys.modules), sys.path
    sys.modules.clear()
    sys.modules.update(ours)
    sys.path = [FOLDER, *path]
    try:
        return import_module(name)
    finally:
        ours.update(sys.modules)
        sys.modules.clear()
        sys.modules.update(theirs)
        sys.path = their_path
        sys.path_importer_cache.pop(FOLDER, None)


def prepare(before, folder):
    """The system's part. `before` names the modules that every program finds, `folder` is the one that runner.py lies in."""
    global FOLDER
    FOLDER = folder
    ours.update(sys.modules)
    sys.path.remove(folder)
    sys.path_importer_cache.pop(folder, None)
    for name in set(sys.modules) - before:
        del sys.modules[name]
    bare_path.extend(sys.path)
    site.ENABLE_USER_SITE = False
    site.main()
    path.extend(sys.path)
    set_flag("no_site", 0)
    modules.update(sys.modules)


def prepare_home():
    """The home's part: code of the student's, which must find everything as the program does."""
    site.ENABLE_USER_SITE = site.check_enableusersite()
    if not site.ENABLE_USER_SITE:
        return
    if os.path.isdir(site.getusersitepackages()):
        # It comes before the system's.
        sys.path[:] = bare_path
        site.addsitepackages(site.addusersitepackages(site.removeduppaths()))
    site.execusercustomize()


def set_flag(name, value):
    """Sets one of sys.flags, which whoever starts another Python hands on (multiprocessing, subprocess)."""
    set_item = ctypes.pythonapi.PyStructSequence_SetItem
    set_item.argtypes, set_item.restype = [ctypes.py_object, ctypes.c_ssize_t, ctypes.py_object], None
    # Flags are small numbers, which Python never frees: so the reference that this takes is no matter.
    set_item(sys.flags, type(sys.flags).__match_args__.index(name), value)
