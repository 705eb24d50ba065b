"""What the server says to a Python on a terminal, which the person and the program use as well: lines of JSON."""

import os
import termios

def plain_value(text):
    """Of JSON that the server wrote: Python reads it as an expression, without importing a parser."""
    return eval(text, {"__builtins__": {}, "true": True, "false": False, "null": None})


def hear(word, mark, asks="listening"):
    """
    Asks for one message and waits for it; None at the end of input. For that time the terminal is ours. What the person types meanwhile goes
    back to the server, which types it again.
    """
    ordinary, silent = termios.tcgetattr(0), termios.tcgetattr(0)
    silent[0] &= ~(termios.ICRNL | termios.INLCR | termios.IXON)
    silent[3] &= ~(termios.ICANON | termios.ECHO | termios.ISIG)
    silent[6][termios.VMIN], silent[6][termios.VTIME] = 1, 0
    start = f"{word};".encode()
    heard = b""
    termios.tcsetattr(0, termios.TCSANOW, silent)
    try:
        mark(asks)
        while b"\n" not in heard.partition(start)[2]:
            chunk = os.read(0, 65536)
            if not chunk:
                return None
            heard += chunk
    finally:
        termios.tcsetattr(0, termios.TCSANOW, ordinary)
        typed, _, line = heard.partition(start)
        line, _, more = line.partition(b"\n")
        mark("heard;" + (typed + more).hex())
    return plain_value(line)
