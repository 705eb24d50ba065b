"""Shows a text that is being edited on a terminal such as xterm, below its prompt: only what has changed is written.

A row that goes on in the next is written to its last column, so that the terminal knows the two as one line: it is copied as one, and
wrapped anew when the terminal gets another width.
"""

import ctypes
import os

wide = ctypes.CDLL(None).wcwidth
TAB = 4


def cell(character):
    """How a character is shown, and its columns."""
    if " " <= character < "\x7f":
        return character, 1
    if character < " " or character == "\x7f":
        return "^" + chr(ord(character) ^ 64), 2
    width = wide(ord(character))
    if width >= 0 and character != "\xad":
        return character, width
    shown = f"\\u{ord(character):04x}"
    return shown, len(shown)


def prompt_width(prompt):
    """Columns of a prompt; colours take none."""
    width, within = 0, False
    for character in prompt:
        if within:
            within = not ("@" <= character <= "~" and character != "[")
        elif character == "\x1b":
            within = True
        elif character >= " ":
            width += cell(character)[1]
    return width


class Layout:
    """The rows of a text: pairs of what is shown, and whether the row goes on in the next. And where the cursor is in them."""

    def __init__(self, text, cursor, prompts, width):
        self.rows = []
        # The number of the first row of each line, and the line in which the cursor is.
        self.starts = []
        start = 0
        for number, line in enumerate(text.split("\n")):
            within = cursor - start if start <= cursor <= start + len(line) else None
            self.starts.append(len(self.rows))
            if within is not None:
                self.line = number
            self.add(prompts[number > 0], line, within, width)
            start += len(line) + 1

    def add(self, prompt, line, cursor, width):
        column = prompt_width(prompt)
        if column >= width - 1:
            prompt, column = "", 0
        if line.isascii() and line.isprintable():
            if cursor is not None:
                row, place = divmod(column + cursor, width)
                self.row, self.column = len(self.rows) + row, place
            first = width - column
            pieces = [prompt + line[:first], *(line[at:at + width] for at in range(first, len(line), width))]
            if len(line) >= first and (len(line) - first) % width == 0:
                pieces.append("")
            self.rows += [(piece, piece is not pieces[-1]) for piece in pieces]
            return
        shown, prompt_columns = [prompt], column
        for index, character in enumerate(line):
            if character == "\t":
                count = TAB - (column - prompt_columns) % TAB
                text, columns = " " * count, count
            else:
                text, columns = cell(character)
            if column + columns > width:
                # A wide character does not fit into the last column, which stays as it is.
                self.rows.append(("".join(shown), True))
                shown, column, prompt_columns = [], 0, 0
            if cursor == index:
                self.row, self.column = len(self.rows), column
            shown.append(text)
            column += columns
        if column >= width:
            self.rows.append(("".join(shown), True))
            shown, column = [], 0
        if cursor is not None and cursor >= len(line):
            self.row, self.column = len(self.rows), column
        self.rows.append(("".join(shown), False))


class Display:
    """What is on the screen, from the first row of the text on, and where the cursor is."""

    def __init__(self):
        self.size = self.terminal_size()
        self.forget()

    def terminal_size(self):
        try:
            columns, lines = os.get_terminal_size(1)
        except OSError:
            return 80, 24
        return columns or 80, lines or 24

    def forget(self):
        """What comes begins on a row of its own."""
        self.rows, self.row, self.column, self.top, self.layout = [], 0, 0, 0, None

    def draw(self, text, cursor, prompts):
        self.size = self.terminal_size()
        width, height = self.size
        layout = Layout(text, cursor, prompts, width)
        # A text that is larger than the screen is seen through a window.
        if layout.row < self.top or len(layout.rows) <= height:
            self.top = min(layout.row, max(0, len(layout.rows) - height))
        elif layout.row >= self.top + height:
            self.top = layout.row - height + 1
        self.layout = layout
        write(self.change(layout.rows[self.top:self.top + height]) + self.move(layout.row - self.top, layout.column))

    def change(self, rows):
        """What makes the screen show these rows."""
        before, self.rows = self.rows, rows
        first = next((number for number, (old, new) in enumerate(zip(before, rows)) if old != new), min(len(before), len(rows)))
        if first == len(rows) == len(before):
            return ""
        if first == len(rows):
            # Only rows that are no more: those that stay end where they ended.
            return self.move(first, 0) + "\x1b[J"
        same = 0
        if first < len(before) and rows[first][0].isascii() and before[first][0].isascii() and "\x1b" not in rows[first][0]:
            same = len(os.path.commonprefix((before[first][0], rows[first][0])))
            same = min(same, self.size[0] - 1)
        if first < len(before):
            out = [self.move(first, same)]
        else:
            out = [self.move(first - 1, 0), "\r\n"] if first else []
        for number in range(first, len(rows)):
            text, goes_on = rows[number]
            if number > first and not rows[number - 1][1]:
                out.append("\r\n")
            out.append(text[same:])
            same = 0
            if not goes_on:
                # Nothing stands behind a row that only became longer.
                out.append("\x1b[K" if number < len(before) and not text.startswith(before[number][0]) else "")
            self.row = number
        if len(before) > len(rows):
            out.append("\x1b[J")
        # The column is not known where rows are not plain: the way to the cursor begins at the left.
        self.column = -1
        return "".join(out)

    def move(self, row, column):
        """The way of the cursor."""
        if row == self.row and column == self.column:
            return ""
        out = []
        if row < self.row:
            out.append(f"\x1b[{self.row - row}A")
        elif row > self.row:
            out.append(f"\x1b[{row - self.row}B")
        if column != self.column:
            if self.rows and row < len(self.rows) and self.column == -1 and self.row == row and column == self.end_of(row):
                pass  # writing has left it there
            else:
                out.append("\r" + (f"\x1b[{column}C" if column else ""))
        self.row, self.column = row, column
        return "".join(out)

    def end_of(self, row):
        """The column behind a plain row; None for others."""
        text, goes_on = self.rows[row]
        return len(text) if not goes_on and len(text) < self.size[0] and text.isascii() and text.isprintable() else None

    def resized(self, text, cursor, prompts):
        """
        Draws all anew. The terminal wraps lines to its new width, but not that in which the cursor is: so it is known how far above the text
        begins.
        """
        if self.layout is None or self.terminal_size() == self.size:
            return
        above = self.row
        if not self.top:
            width = self.terminal_size()[0]
            line = self.layout.line
            anew = Layout("\n".join(text.split("\n")[:line + 1]), 0, prompts, width)
            above = anew.starts[line] + self.row - self.layout.starts[line]
        write((f"\x1b[{above}A" if above > 0 else "") + "\r\x1b[J")
        self.forget()
        self.draw(text, cursor, prompts)

    def leave(self, text, prompts):
        """Goes below the text, of which all stays."""
        if self.layout is not None and len(self.layout.rows) > len(self.rows):
            # Through a window only a part was seen.
            write(self.move(0, 0) + "\x1b[J")
            rows, self.rows = Layout(text, len(text), prompts, self.size[0]).rows, []
            self.row = 0
            write(self.change(rows) + "\r\n")
        else:
            write(self.move(max(0, len(self.rows) - 1), 0) + "\r\n")
        self.forget()


def write(text):
    data = text.encode("utf-8", "replace")
    while data:
        data = data[os.write(1, data):]
