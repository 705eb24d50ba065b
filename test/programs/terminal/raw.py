import os
import termios
import tty

before = termios.tcgetattr(0)
tty.setraw(0)
os.write(1, b"raw\r\n")
got = b""
while len(got) < 4:
    got += os.read(0, 10)
termios.tcsetattr(0, termios.TCSANOW, before)
print(got)
