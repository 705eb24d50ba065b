"""Edits a statement of any number of lines at the prompt, as Python 3.13's prompt does, with history, search and completion.

Readline, which older versions have, knows only lines. See docs/decisions.md.
"""

import _signal as signal
import ctypes
import os
import termios
import time

import statements
from completion import common_beginning, completions, in_columns, word_before
from line_display import Display, wide, write
from outermost import outermost
from terminal_keys import Keys

CHUNK = 65536
MAX_LENGTH = 1 << 20
MAX_UNDO = 100
# Tenths of a second without a key that end a paste which came without brackets; the longer ones behind an empty line, which may end a block.
QUIET, QUIET_AT_BLANK = 2, 6
# Nobody types this fast: seconds between two characters.
TYPED = 0.03
MAX_LISTED = 120

set_c_handler = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)(("signal", ctypes.CDLL(None)))


class LineEditor:
    def __init__(self, history, variables):
        self.history = history
        self.variables = variables
        self.keys = Keys()
        # Keys that were read and not yet obeyed.
        self.waiting = []
        self.killed = ""

    def edit(self, prompts):
        """The next statement. Raises EOFError at the end of input, and KeyboardInterrupt."""
        self.prompts = prompts
        self.text, self.cursor = "", 0
        self.display = Display()
        self.undone = []
        # In the history: the number of the statement that is shown, what was typed before, and whether it is as it was found.
        self.place, self.draft, self.browsing = len(self.history), "", False
        self.search = None
        # Columns of indentation that were put there for the person, at the end of the text.
        self.offered = 0
        # Of what was typed since the last Enter: the characters, when the first came and the last.
        self.typed, self.since, self.until = 0, 0.0, 0.0
        # Whether the line before came as fast.
        self.pasting = False
        self.done = False
        with Terminal(self.on_resize) as self.terminal:
            try:
                self.draw()
                while not self.done:
                    if not self.waiting:
                        self.take(self.terminal.read())
                    while self.waiting and not self.done:
                        self.obey(*self.waiting.pop(0))
                    if not self.done:
                        self.draw()
            except BaseException:
                self.search = None
                self.waiting = []
                self.leave()
                raise
            self.leave()
        return self.text

    def take(self, data):
        if not data:
            raise EOFError
        now = time.monotonic()
        found = self.keys.read(data)
        count = sum(len(value) for kind, value in found if kind == "text")
        if not self.typed:
            self.since = now
        self.typed += count
        self.until = now
        self.waiting += found

    def draw(self):
        self.display.draw(*self.shown())

    def shown(self):
        if self.search is None:
            return self.text, self.cursor, self.prompts
        query, place = self.search
        said = "search" if place is not None or not query else "not found"
        found = "" if place is None else self.history[place]
        return found, max(0, found.find(query)), (f"({said}: {query}) ", self.prompts[1])

    def leave(self):
        self.display.draw(self.text, len(self.text), self.prompts)
        self.display.leave(self.text, self.prompts)

    def on_resize(self):
        self.display.resized(*self.shown())

    # --- keys

    def obey(self, kind, value):
        if self.search is not None and self.search_key(kind, value):
            return
        if kind == "text":
            self.insert(value)
        elif kind == "paste":
            self.paste(value)
        else:
            self.offered = self.offered if value in ("enter", "backspace", "tab") else 0
            getattr(self, "key_" + value.replace("-", "_"))()

    def change(self, start, end, text):
        """Puts a text in the place of another, and the cursor behind it."""
        if len(self.text) + len(text) > MAX_LENGTH:
            text = text[:max(0, MAX_LENGTH - len(self.text))]
        self.undone.append((self.text, self.cursor))
        del self.undone[:-MAX_UNDO]
        self.text = self.text[:start] + text + self.text[end:]
        self.cursor = start + len(text)
        self.browsing = False
        self.offered = 0

    def insert(self, text):
        start = self.cursor
        # A text that has an indentation of its own, or the next line of a paste that came late.
        if self.offered and self.is_fast() and (text[0] in " \t" or (self.pasting and not self.is_below_colon())):
            start -= self.offered
        self.change(start, self.cursor, text)

    def paste(self, text):
        start = self.cursor - self.offered
        text = statements.pasted(text)
        if "\n" not in text.strip("\n"):
            text = text.strip("\n")
        self.change(start if "\n" in text else self.cursor, self.cursor, text)

    def is_below_colon(self):
        return self.text[:self.line_start()].rstrip().endswith(":")

    def line_start(self):
        return self.text.rfind("\n", 0, self.cursor) + 1

    def line_end(self):
        end = self.text.find("\n", self.cursor)
        return len(self.text) if end < 0 else end

    def is_fast(self):
        return self.typed > 1 and (self.until - self.since) / self.typed < TYPED

    def key_enter(self):
        self.pasting = self.is_fast() and self.cursor == len(self.text)
        if self.pasting:
            rest = self.rest_of_paste()
            if rest is not None:
                self.text, self.cursor = self.text + "\n" + rest, len(self.text) + 1 + len(rest)
                self.text = statements.pasted(self.text)
                self.cursor = len(self.text)
                self.offered = 0
                return
        self.typed = 0
        if self.browsing or not ("\n" in self.text[self.cursor:] or statements.wants_more(self.text)):
            self.done = True
        else:
            self.key_new_line()

    def key_new_line(self):
        indent = statements.indent_after(self.text[:self.cursor])
        start = self.cursor
        # An empty line has no indentation.
        if self.cursor == self.line_end() and not self.text[self.line_start():self.cursor].strip():
            start = self.line_start()
            indent = self.text[start:self.cursor]
        self.change(start, self.cursor, "\n" + indent)
        self.offered = len(indent)

    def rest_of_paste(self):
        """
        The lines that follow fast, as pasted without brackets; None where none do. What a person has typed ahead, without indentation or with
        other keys, stays to be obeyed.
        """
        blank = not self.text[self.line_start():].strip()
        while True:
            quiet = QUIET_AT_BLANK if blank or ends_blank(self.waiting) else QUIET
            data = self.terminal.read(quiet)
            if not data:
                break
            self.take(data)
        ahead = self.waiting
        while ahead and ahead[-1] == ("key", "enter"):
            ahead = ahead[:-1]
        if not ahead:
            # Further Enters end a block, and otherwise nothing.
            ends_block = bool(self.waiting) and statements.wants_more(self.text)
            self.waiting = [("key", "enter")] if ends_block else []
            self.typed = 0
            return "" if ends_block else None
        pieces = {("key", "enter"): "\n", ("key", "tab"): "\t"}
        rest = [value if kind == "text" else pieces.get((kind, value)) for kind, value in ahead]
        if None in rest or not statements.looks_pasted(self.text + "\n" + "".join(rest)):
            self.typed = 0
            return None
        ends = len(self.waiting) - len(ahead)
        # One Enter runs it, in which case it ends with a line break.
        self.waiting = [("key", "enter")] if ends else []
        self.typed = 0
        return "".join(rest) + ("\n" if ends else "")

    def key_interrupt(self):
        raise KeyboardInterrupt

    def key_end_of_input(self):
        if not self.text or (self.cursor == len(self.text) and self.text.endswith("\n")):
            raise EOFError
        self.key_delete()

    def key_backspace(self):
        start = self.line_start()
        before = self.text[start:self.cursor]
        if before and not before.strip(" "):
            count = (len(before) - 1) % len(statements.INDENT) + 1
            self.change(self.cursor - count, self.cursor, "")
        elif self.cursor:
            self.change(self.step(-1), self.cursor, "")

    def key_delete(self):
        if self.cursor < len(self.text):
            self.change(self.cursor, self.step(1), "")

    def step(self, by):
        """The place beside the cursor; marks go with their letters."""
        place = self.cursor + by
        while 0 < place < len(self.text) and joins(self.text[place], self.text[place - 1]):
            place += by
        return place

    def move(self, place):
        self.cursor = max(0, min(place, len(self.text)))
        self.browsing = False

    def key_left(self):
        if self.cursor:
            self.move(self.step(-1))

    def key_right(self):
        if self.cursor < len(self.text):
            self.move(self.step(1))

    def key_home(self):
        start = self.line_start()
        line = self.text[start:self.line_end()]
        first = start + len(line) - len(line.lstrip())
        # First to the text, then to the margin.
        self.move(start if self.cursor == first or first == self.line_end() else first if self.cursor > first else start)

    def key_end(self):
        self.move(self.line_end())

    def key_first(self):
        self.move(0)

    def key_last(self):
        self.move(len(self.text))

    def word_left(self):
        place = self.cursor
        while place and not is_word(self.text[place - 1]):
            place -= 1
        while place and is_word(self.text[place - 1]):
            place -= 1
        return place

    def word_right(self):
        place = self.cursor
        while place < len(self.text) and not is_word(self.text[place]):
            place += 1
        while place < len(self.text) and is_word(self.text[place]):
            place += 1
        return place

    def key_word_left(self):
        self.move(self.word_left())

    def key_word_right(self):
        self.move(self.word_right())

    def kill(self, start, end):
        if start < end:
            self.killed = self.text[start:end]
            self.change(start, end, "")

    def key_kill(self):
        # At the end of a line: the break.
        end = self.line_end()
        self.kill(self.cursor, end if end > self.cursor else min(end + 1, len(self.text)))

    def key_kill_before(self):
        self.kill(self.line_start(), self.cursor)

    def key_kill_word(self):
        self.kill(self.cursor, self.word_right())

    def key_kill_word_before(self):
        place = self.cursor
        while place and self.text[place - 1].isspace():
            place -= 1
        while place and not self.text[place - 1].isspace():
            place -= 1
        self.kill(place, self.cursor)

    def key_yank(self):
        self.change(self.cursor, self.cursor, self.killed)

    def key_transpose(self):
        end = min(self.cursor + 1, self.line_end())
        if end - self.line_start() >= 2:
            self.change(end - 2, end, self.text[end - 1] + self.text[end - 2])

    def key_undo(self):
        if self.undone:
            self.text, self.cursor = self.undone.pop()
            self.browsing = False

    def key_clear(self):
        write("\x1b[H\x1b[2J")
        self.display.forget()

    def key_cancel(self):
        pass

    # --- history

    def key_up(self):
        start = self.line_start()
        if start:
            above = self.text.rfind("\n", 0, start - 1) + 1
            self.move(min(above + self.cursor - start, start - 1))
            return
        if not self.browsing:
            self.draft, self.prefix, self.place = self.text, self.text[:self.cursor], len(self.history)
        self.browse(range(self.place - 1, -1, -1))

    def key_down(self):
        end = self.line_end()
        if end < len(self.text):
            column = self.cursor - self.line_start()
            below = self.text.find("\n", end + 1)
            self.move(min(end + 1 + column, len(self.text) if below < 0 else below))
        elif self.browsing:
            self.browse(range(self.place + 1, len(self.history) + 1))

    def browse(self, places):
        """Shows the next statement that begins as what was typed. The cursor is in its first line, so that Up goes on."""
        for place in places:
            found = self.draft if place == len(self.history) else self.history[place]
            if place == len(self.history) or (found.startswith(self.prefix) and found != self.text):
                self.change(0, len(self.text), found)
                first = found.find("\n")
                self.place, self.browsing = place, place < len(self.history)
                self.cursor = len(found) if first < 0 or not self.browsing else first
                return

    def key_search(self):
        # What is looked for, and where it was found.
        self.search = ("", None)

    def search_key(self, kind, value):
        """True when the key belonged to the search."""
        query, place = self.search
        if kind == "text":
            self.find(query + value, len(self.history) - 1 if place is None else place)
        elif value == "search":
            self.find(query, len(self.history) - 1 if place is None else place - 1)
        elif value == "backspace":
            self.find(query[:-1], len(self.history) - 1)
        elif value == "cancel":
            self.search = None
        else:
            self.search = None
            if place is not None:
                self.change(0, len(self.text), self.history[place])
                self.browsing, self.place, self.draft, self.prefix = True, place, "", ""
            return False
        return True

    def find(self, query, place):
        if not query:
            self.search = ("", None)
            return
        for number in range(place, -1, -1):
            if query in self.history[number]:
                self.search = (query, number)
                return
        self.search = (query, self.search[1] if query == self.search[0] else None)

    # --- completion

    def key_tab(self):
        before = self.text[self.line_start():self.cursor]
        if not word_before(before) and self.waiting and self.waiting[0][0] == "text":
            self.change(self.cursor, self.cursor, "\t")  # in a text that is pasted without brackets
            return
        if not before.strip():
            self.change(self.cursor, self.cursor, " " * (len(statements.INDENT) - len(before) % len(statements.INDENT)))
            return
        words, name = completions(before, self.variables) if word_before(before) else ([], "")
        if not words:
            return
        beginning = common_beginning(words)
        if beginning != name:
            self.change(self.cursor - len(name), self.cursor, beginning)
        elif len(words) > 1:
            self.display.draw(self.text, len(self.text), self.prompts)
            self.display.leave(self.text, self.prompts)
            write("".join(f"{line}\r\n" for line in in_columns(words, self.display.size[0] - 1, MAX_LISTED)))

    def key_back_tab(self):
        start = self.line_start()
        line = self.text[start:self.line_end()]
        count = min(len(statements.INDENT), len(line) - len(line.lstrip(" ")))
        place = max(start, self.cursor - count)
        self.change(start, start + count, "")
        self.cursor = place

    def key_(self):
        """A key that means nothing here."""


def is_word(character):
    return character.isalnum() or character == "_"


def joins(mark, before):
    """Whether a character is drawn as one with that before it."""
    return (not mark.isascii() and wide(ord(mark)) == 0) or before == "\u200d"


def ends_blank(waiting):
    """Whether the last line that was read is empty."""
    last = [pair for pair in waiting if pair[1]][-2:]
    return len(last) == 2 and all(pair == ("key", "enter") for pair in last)


class Terminal:
    """The terminal while a statement is edited: every key comes at once, nothing is shown by itself, Ctrl-C interrupts."""

    def __init__(self, on_resize):
        self.on_resize = on_resize
        self.reads = False

    def __enter__(self):
        try:
            self.ordinary = termios.tcgetattr(0)
        except termios.error:
            raise EOFError from None  # a program has taken it away
        modes = termios.tcgetattr(0)
        modes[0] &= ~(termios.ICRNL | termios.INLCR | termios.IGNCR | termios.ISTRIP | termios.IXON)
        modes[3] &= ~(termios.ICANON | termios.ECHO | termios.IEXTEN)
        modes[3] |= termios.ISIG
        modes[6][termios.VMIN], modes[6][termios.VTIME] = 1, 0
        self.modes = modes
        termios.tcsetattr(0, termios.TCSANOW, modes)
        # Others than Python's, such as readline's, are only known to C.
        self.c_handler = set_c_handler(signal.SIGWINCH, None)
        try:
            self.handler = signal.signal(signal.SIGWINCH, self.resized) or signal.SIG_DFL
        except ValueError:
            self.handler = None  # not in the main thread, as after a fork
        return self

    def resized(self, number, frame):
        if self.reads:
            self.on_resize()

    def read(self, tenths=0):
        """Bytes of keys. With a time, none when none come within it."""
        if tenths:
            self.wait(0, tenths)
        self.reads = True
        try:
            return outermost(os.read, 0, CHUNK)
        except OSError:
            raise EOFError from None  # it is gone
        finally:
            self.reads = False
            if tenths:
                self.wait(1, 0)

    def wait(self, least, tenths):
        self.modes[6][termios.VMIN], self.modes[6][termios.VTIME] = least, tenths
        termios.tcsetattr(0, termios.TCSANOW, self.modes)

    def __exit__(self, *error):
        try:
            termios.tcsetattr(0, termios.TCSANOW, self.ordinary)
        except termios.error:
            pass  # it is gone
        if self.handler is None:
            return
        signal.signal(signal.SIGWINCH, self.handler)
        if not callable(self.handler):
            set_c_handler(signal.SIGWINCH, self.c_handler)
