"""Python's prompt, as `python3 -i` has it, on a terminal that a program may have left in any state.

The module `code` is not used: it imports a third of the standard library, and the student may have a code.py.
"""

import _signal as signal
import builtins
import codeop
import os
import sys
import termios

import memory_reserve
import ordinary_start
import program_end
from error_display import show_error, theirs
from outermost import end_trace, outermost

HISTORY_LINES = 50
HISTORY_WIDTH = 300

# A program may put something else in their places.
ask = builtins.input


class Prompt:
    """Python's prompt, which tells the screen when it waits and when it works."""

    def __init__(self, main, inquiries):
        self.variables = main.__dict__
        self.mark = inquiries.mark
        self.inquiries = inquiries
        self.compile = codeop.CommandCompiler()
        self.files = program_end.PromptFiles()

    def interact(self):
        """Reads statements and runs them, up to the end of input."""
        lines = []
        while True:
            try:
                try:
                    lines.append(self.read(sys.ps2 if lines else sys.ps1))
                except EOFError:
                    sys.stdout.write("\n")
                    return
                if not self.run("\n".join(lines)):
                    lines = []
            except KeyboardInterrupt:
                sys.stderr.write("\nKeyboardInterrupt\n")
                lines = []

    def read(self, text):
        memory_reserve.use()
        self.files.flush()
        self.mark("prompt")
        try:
            with self.inquiries:
                line = outermost(ask, text)
        finally:
            self.mark("running")
        if line.strip():
            self.mark("history;" + line[:HISTORY_WIDTH].encode("utf-8", "replace").hex())
        return line

    def run(self, source):
        """True when the statement needs more lines."""
        try:
            statement = self.compiled(source)
        except (OverflowError, SyntaxError, ValueError) as error:
            show_error(error, None)
            return False
        if statement is None:
            return True
        memory_reserve.keep()
        try:
            outermost(exec, statement, self.variables)
        except SystemExit:
            raise
        except BaseException as error:
            memory_reserve.use()
            show_error(error, theirs(error.__traceback__))
        return False

    def compiled(self, source):
        """None when the statement needs more lines."""
        theirs = sys.modules.get("warnings")
        # codeop keeps quiet what the first of its tries would warn of, and looks for the module by its name.
        sys.modules["warnings"] = codeop.warnings
        try:
            return self.compile(source, "<stdin>", "single")
        finally:
            if theirs is None:
                del sys.modules["warnings"]
            else:
                sys.modules["warnings"] = theirs


def take_back_terminal(modes):
    """A program may have closed or redirected it, given it to another process, and left it in any mode."""
    for number in (0, 1, 2):
        if not os.isatty(number):
            terminal = os.open("/dev/tty", os.O_RDWR)
            if terminal != number:
                os.dup2(terminal, number)
                os.close(terminal)
        os.set_blocking(number, True)
    before = signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    try:
        os.tcsetpgrp(0, os.getpgrp())
        termios.tcsetattr(0, termios.TCSANOW, modes)
    finally:
        if before is not None:
            signal.signal(signal.SIGTTOU, before)


def enter_pressed():
    """Waits for Enter, of which nothing is shown; False at the end of input."""
    ordinary, silent = termios.tcgetattr(0), termios.tcgetattr(0)
    silent[3] &= ~termios.ECHO
    termios.tcsetattr(0, termios.TCSANOW, silent)
    try:
        return os.read(0, 4096).endswith(b"\n")
    except OSError:
        return False  # the terminal is gone
    finally:
        termios.tcsetattr(0, termios.TCSANOW, ordinary)


def working_streams():
    """exit() closes sys.stdin, and a script may have put anything in place of the streams: the prompt needs a terminal."""
    if sys.stdin is not sys.__stdin__ or sys.stdin.closed:
        sys.stdin = open(0, encoding="utf-8", errors="replace", closefd=False)
    for name, number in (("stdout", 1), ("stderr", 2)):
        stream = getattr(sys, name)
        if stream is not getattr(sys, f"__{name}__") or stream.closed:
            setattr(sys, name, open(number, "w", buffering=1, encoding="utf-8", errors="replace", closefd=False))


def prepare_readline(main, history):
    """
    As late as this: it takes over the terminal's signals, which a program with a terminal of its own wants for itself. Gives back what
    makes readline forget the variables.
    """
    try:
        readline = ordinary_start.import_privately("readline")
    except ImportError:
        return lambda: None  # a Python without readline: the prompt works, without history
    readline.set_history_length(HISTORY_LINES)
    readline.clear_history()
    for line in history:
        readline.add_history(line)
    completer = None

    def complete(text, number):
        nonlocal completer
        if completer is None:
            # At the first Tab: it imports much.
            completer = ordinary_start.import_privately("rlcompleter").Completer(main.__dict__).complete
            readline.set_completer(complete)
        return completer(text, number)

    readline.set_completer(complete)
    readline.parse_and_bind("tab: complete")
    return readline.set_completer


def open_prompt(main, inquiries, history, take_interrupts):
    """Returns at the end of input, or what exit() was given."""
    end_trace()
    working_streams()
    forget_variables = prepare_readline(main, history)
    sys.ps1, sys.ps2 = ">>> ", "... "
    prompt = Prompt(main, inquiries)
    while True:
        try:
            take_interrupts()
            prompt.interact()
            break
        except SystemExit as leave:
            forget_variables()
            return leave.code
        except KeyboardInterrupt:
            # It came between two lines; there is nothing to stop.
            print("\nKeyboardInterrupt")
    forget_variables()
