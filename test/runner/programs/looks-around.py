# Tells in one line of JSON what a program finds when it begins. Without arguments it also starts python3 with itself, which tells the same.
import sys

found = {
    "modules": sorted(sys.modules),
    "main": {name: type(value).__name__ for name, value in globals().items() if name not in ("found", "sys")},
    "name, file": [__name__, __file__],
    "path": list(sys.path),
    "argv": sys.argv[:1],
    "flags": list(sys.flags),
    "options": [sys._xoptions, sys.warnoptions],
    "hooks": [sys.excepthook is sys.__excepthook__, sys.displayhook is sys.__displayhook__, hasattr(sys, "__interactivehook__"), hasattr(sys, "ps1")],
    "recursion": sys.getrecursionlimit(),
    "builtins": sorted(vars(__builtins__)),
    "importers": [len(sys.meta_path), len(sys.path_hooks)],
    "streams": [[s.encoding, s.errors, s.line_buffering, s.isatty()] for s in (sys.stdin, sys.stdout, sys.stderr)],
}

import os, signal

found["user"] = [os.getcwd(), dict(os.environ), os.umask(0o22), os.umask(0o22)]
# These two are ours: Ctrl-Z would leave a program that nobody could go on with, and Ctrl-\ end one without a word.
held = {signal.SIGTSTP, signal.SIGQUIT}
found["signals"] = {number: repr(signal.getsignal(number)) for number in signal.valid_signals() - held}
found["blocked"] = list(signal.pthread_sigmask(signal.SIG_BLOCK, []))
found["descriptors"] = sorted(name for name in os.listdir("/proc/self/fd"))
found["threads"] = len(os.listdir("/proc/self/task"))

import gc, random, site, warnings

found["site"] = [site.ENABLE_USER_SITE, site.getusersitepackages() in sys.path, os.environ.get("CUSTOMIZED")]
found["filters"] = [list(map(str, each)) for each in warnings.filters]
found["collector"] = [gc.isenabled(), gc.get_threshold()]

import json, subprocess

print(json.dumps({"random": random.random(), **found}), flush=True)
if len(sys.argv) == 1:
    change = 'cd "$1" && unset OLDPWD && exec python3 "$2" "by itself"'
    subprocess.run(["sh", "-c", change, "sh", *os.path.split(__file__)], cwd="/")
