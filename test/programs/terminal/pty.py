import os
import pty
import termios
import tty

leader, follower = pty.openpty()
print(os.isatty(follower), os.ttyname(follower).startswith("/dev/pts/"))
tty.setraw(follower)
os.write(leader, b"typed\x03")
print(os.read(follower, 100), termios.tcgetwinsize(leader) if hasattr(termios, "tcgetwinsize") else (0, 0))
pid, terminal = pty.fork()
if pid == 0:
    os.execvp("sh", ["sh", "-c", "test -t 0 && read x && echo got $x && stty size"])
os.write(terminal, b"hello\n")
shown = b""
try:
    while chunk := os.read(terminal, 1024):
        shown += chunk
except OSError:
    pass
print(shown, os.waitpid(pid, 0)[1])
