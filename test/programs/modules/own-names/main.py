import types
import signal
import warnings
import os

print(types.kind, signal.kind, os.path.basename("a/b"), hasattr(warnings, "warn"))
