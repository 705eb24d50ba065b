"""Python's prompt, as `python3 -i` has it, on a terminal that a program may have left in any state.

The module `code` is not used: it imports a third of the standard library, and the student may have a code.py.
"""

import _signal as signal
import os
import sys
import termios

import memory_reserve
import ordinary_start
import program_end
import statements
from error_display import show_error, theirs
from line_editor import LineEditor
from outermost import end_trace, outermost

HISTORY_COUNT = 100
# Bytes of a statement that is kept in the history, and of one mark.
HISTORY_BYTES = 16384
MARK_BYTES = 1500
MAX_SCANNED = 2000


class Prompt:
    """Python's prompt, which tells the screen when it waits and when it works."""

    def __init__(self, main, inquiries, history):
        self.variables = main.__dict__
        self.mark = inquiries.mark
        self.inquiries = inquiries
        self.history = history
        self.editor = LineEditor(history, self.variables)
        self.files = program_end.PromptFiles()
        self.edits_input = False

    def interact(self):
        """Reads statements and runs them, up to the end of input."""
        while True:
            try:
                try:
                    source = self.read()
                except EOFError:
                    return
                self.run(source)
            except KeyboardInterrupt:
                sys.stderr.write("KeyboardInterrupt\n")

    def read(self):
        memory_reserve.use()
        self.files.flush()
        self.mark("prompt")
        try:
            with self.inquiries:
                source = self.editor.edit((str(sys.ps1), str(sys.ps2)))
        finally:
            self.mark("running")
        self.remember(source.rstrip())
        return source

    def remember(self, source):
        if not source or source == (self.history or [""])[-1]:
            return
        self.history.append(source)
        del self.history[:-HISTORY_COUNT]
        data = source.encode("utf-8", "replace")
        if len(data) > HISTORY_BYTES:
            return
        for start in range(0, len(data), MARK_BYTES):
            last = start + MARK_BYTES >= len(data)
            self.mark(f"history;{'.' if last else '+'};{data[start:start + MARK_BYTES].hex()}")

    def run(self, source):
        if not source.strip():
            return
        try:
            code = statements.code_of(source)
        except (OverflowError, SyntaxError, ValueError, MemoryError, RecursionError) as error:
            show_error(error, None)
            return
        if not self.edits_input and asks(code, self.variables):
            self.edits_input = True
            edit_input()
        memory_reserve.keep()
        try:
            outermost(exec, code, self.variables)
        except SystemExit:
            raise
        except BaseException as error:
            memory_reserve.use()
            show_error(error, theirs(error.__traceback__))


def asks(code, variables):
    """Whether a statement, or a function that it could call, is seen to call input()."""
    codes = [code]
    for value in list(variables.values())[:MAX_SCANNED]:
        for each in list(vars(value).values())[:MAX_SCANNED] if type(value) is type else (value,):
            if type(each) is type(asks):
                codes.append(each.__code__)
    for each in codes:
        if "input" in each.co_names:
            return True
        if len(codes) < MAX_SCANNED:
            codes += [inner for inner in each.co_consts if type(inner) is type(code)]
    return False


def edit_input():
    """
    As with python3, input() at the prompt is edited by readline. As late as this: it takes memory, and over the terminal's signals, which a
    program with a terminal of its own wants for itself.
    """
    try:
        readline = ordinary_start.import_privately("readline")
    except ImportError:
        return  # a Python without readline: the terminal itself edits
    readline.parse_and_bind("tab: tab-insert")


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


def open_prompt(main, inquiries, history, take_interrupts):
    """Returns at the end of input, or what exit() was given."""
    end_trace()
    working_streams()
    sys.ps1, sys.ps2 = ">>> ", "... "
    prompt = Prompt(main, inquiries, history)
    while True:
        try:
            take_interrupts()
            return prompt.interact()
        except SystemExit as leave:
            return leave.code
        except KeyboardInterrupt:
            # It came between two statements; there is nothing to stop.
            print("\nKeyboardInterrupt")
