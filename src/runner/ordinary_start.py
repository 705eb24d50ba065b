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
path = []
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


def prepare(before, ours):
    """The system's part. `before` names the modules that every program finds, `ours` is the folder that runner.py lies in."""
    sys.path.remove(ours)
    sys.path_importer_cache.pop(ours, None)
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
