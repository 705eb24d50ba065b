"""The keys in the bytes of a terminal: xterm's, which TERM in a jail promises. Bytes come in pieces of any size."""

from _codecs import utf_8_decode

PASTE_END = "\x1b[201~"
# Characters of an escape sequence, at most: what is longer is none.
SEQUENCE = 32

CONTROLS = {
    "\x00": "", "\x01": "home", "\x02": "left", "\x03": "interrupt", "\x04": "end-of-input", "\x05": "end", "\x06": "right",
    "\x07": "cancel", "\x08": "backspace", "\t": "tab", "\n": "enter", "\x0b": "kill", "\x0c": "clear", "\r": "enter",
    "\x0e": "down", "\x10": "up", "\x12": "search", "\x14": "transpose", "\x15": "kill-before", "\x17": "kill-word-before",
    "\x19": "yank", "\x1f": "undo", "\x7f": "backspace",
}
AFTER_ESCAPE = {
    "b": "word-left", "f": "word-right", "d": "kill-word", "\x7f": "kill-word-before", "\x08": "kill-word-before", "<": "first",
    ">": "last", "\r": "new-line", "\n": "new-line",
}
SEQUENCES = {
    "A": "up", "B": "down", "C": "right", "D": "left", "H": "home", "F": "end", "1~": "home", "7~": "home", "4~": "end", "8~": "end",
    "3~": "delete", "3;5~": "kill-word", "1;5C": "word-right", "1;5D": "word-left", "1;3C": "word-right", "1;3D": "word-left",
    "1;5H": "first", "1;5F": "last", "Z": "back-tab",
}


class Keys:
    """Takes bytes, and gives pairs: ("key", its name), ("text", characters) or ("paste", what was pasted in brackets)."""

    def __init__(self):
        self.bytes = b""
        self.text = ""
        # The pieces of a paste that has not ended; None outside of one.
        self.pasted = None

    def read(self, data):
        text, used = utf_8_decode(self.bytes + data, "replace", False)
        self.bytes = (self.bytes + data)[used:]
        self.text += text
        found = []
        while self.text:
            pair, length = self.paste() if self.pasted is not None else self.one()
            if not length:
                break
            self.text = self.text[length:]
            if pair and pair[1]:
                found.append(pair)
        return found

    def paste(self):
        end = self.text.find(PASTE_END)
        # What may be the beginning of the end is left for the next time.
        length = end if end >= 0 else max(0, len(self.text) - len(PASTE_END) + 1)
        self.pasted.append(self.text[:length])
        if end < 0:
            return None, length
        pasted, self.pasted = "".join(self.pasted), None
        return ("paste", pasted), end + len(PASTE_END)

    def one(self):
        """A pair or None, and how many characters it was; 0 when more have to come."""
        text = self.text
        if text[0] == "\x1b":
            return self.escape(text)
        if text[0] in CONTROLS:
            return ("key", CONTROLS[text[0]]), 1
        length = 1
        while length < len(text) and text[length] >= " " and text[length] != "\x7f":
            length += 1
        return ("text", text[:length] if text[0] >= " " else ""), length

    def escape(self, text):
        if len(text) < 2:
            return None, 0
        if text[1] == "\x1b":
            return None, 1
        if text[1] == "O":
            return (("key", SEQUENCES.get(text[2], "")), 3) if len(text) > 2 else (None, 0)
        if text[1] != "[":
            return ("key", AFTER_ESCAPE.get(text[1], "")), 2
        end = 2
        while end < len(text) and not "@" <= text[end] <= "~":
            end += 1
        if end == len(text) or end > SEQUENCE:
            return None, 0 if end <= SEQUENCE else end
        sequence = text[2:end + 1]
        if sequence == "200~":
            self.pasted = []
        return ("key", SEQUENCES.get(sequence, "")), end + 1
