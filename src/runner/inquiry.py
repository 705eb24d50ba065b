"""The server asks a Python at its prompt for its variables, while somebody looks at them. Otherwise this costs nothing but two calls.

SIGCONT, which means nothing to a process that runs, says that there is a question to hear.
"""

import _signal as signal
import sys
import termios

import ordinary_start
from messages import hear

# Characters of one mark, which the server takes up to 4096.
PIECE = 3800


class Inquiries:
    """Within `with` the server may ask; outside, the signal means what the program wants it to mean."""

    def __init__(self, word, mark, variables, shown):
        self.word, self.mark, self.variables, self.shown = word, mark, variables, shown
        # The module that describes values, once somebody wants to see them.
        self.describer = None
        self.busy = False

    def __enter__(self):
        if self.shown:
            self.tell()
        self.theirs = signal.signal(signal.SIGCONT, self.asked)

    def __exit__(self, *error):
        signal.signal(signal.SIGCONT, signal.SIG_DFL if self.theirs is None else self.theirs)

    def asked(self, *ignored):
        if self.busy:
            return
        self.busy = True
        tracing = sys.gettrace()
        sys.settrace(None)
        try:
            question = hear(self.word, self.mark)
            if question is None:
                return
            self.shown = question["variables"]
            if "value" in question:
                self.answer("value", "whole_value", question["value"])
            elif self.shown:
                self.tell()
        except (OSError, termios.error):
            pass  # the terminal is gone
        finally:
            self.busy = False
            sys.settrace(tracing)

    def tell(self):
        self.answer("variables", "all_variables")

    def answer(self, kind, function, *arguments):
        """In marks of bounded length, the last of which has a dot."""
        try:
            if self.describer is None:
                self.describer = ordinary_start.import_ours("variables")
            text = getattr(self.describer, function)(self.variables, *arguments)
        except Exception:
            return  # no memory, no processes: the prompt matters more
        for start in range(0, len(text), PIECE):
            last = start + PIECE >= len(text)
            self.mark(f"{kind};{'.' if last else '+'};{text[start:start + PIECE]}")
