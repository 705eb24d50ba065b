import sys

print(sys.argv, sys.path[0], sys.flags, sys.executable, sys.prefix, sys.orig_argv[1:] if hasattr(sys, "orig_argv") else None)
print(sys.version_info[:2], sys.platform, sys.byteorder, sys.maxsize, sys.getrecursionlimit(), sys.getswitchinterval(), sys.dont_write_bytecode)
print(sys.gettrace(), sys.getprofile(), sys.excepthook is sys.__excepthook__, hasattr(sys, "ps1"), hasattr(sys, "last_value"), sys.warnoptions, sys._xoptions)
print(len(sys.path), [p.rpartition("/")[2] for p in sys.path[1:]])
# Debian has one of its own in /etc, which a jail does not show.
print(sorted(set(sys.modules) - {"sitecustomize"}))
