# Switches Ctrl-C off and runs on.
import termios, sys
mode = termios.tcgetattr(0)
mode[3] &= ~(termios.ISIG | termios.ICANON)
termios.tcsetattr(0, termios.TCSANOW, mode)
print("raw", flush=True)
while True:
    pass
