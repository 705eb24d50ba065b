"""The last of the data that a program may have is ours: to say that there is no more, and for the prompt that opens then.

The broker also lowers the soft limit, when memory is short (broker/memory-watch.ts).
"""

import resource

# The broker has the same number.
RESERVE = 4 << 20


def limit(data):
    """Sets the limit of data, bytes. Both values are made now: later there may be no memory for them."""
    global kept, used
    kept, used = (data - RESERVE, data), (data, data)
    keep()


def keep():
    """Before code of the program's."""
    set_limit(kept)


def use():
    """After it."""
    set_limit(used)


def set_limit(values):
    try:
        resource.setrlimit(resource.RLIMIT_DATA, values)
    except (OSError, ValueError):
        pass  # the program has set a lower one for itself
