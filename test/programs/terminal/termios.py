import sys
import termios
import tty

before = termios.tcgetattr(0)
try:
    tty.setcbreak(0)  # first: it throws away what was typed before
    print("key: ", end="", flush=True)
    key = sys.stdin.read(1)
finally:
    termios.tcsetattr(0, termios.TCSADRAIN, before)
print(repr(key), before[4] == before[5], before[6][termios.VERASE], bool(before[3] & termios.ECHO))
