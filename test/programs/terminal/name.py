import os

print(os.isatty(0), os.isatty(1), os.isatty(2), os.ctermid())
with open("/dev/tty", "w") as terminal:
    terminal.write("to the terminal\n")
print(os.ttyname(0).startswith("/dev/"))
