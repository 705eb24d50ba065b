import os
import shutil

print(shutil.get_terminal_size(), os.environ.get("COLUMNS"), os.environ.get("TERM"))
try:
    print(os.get_terminal_size())
except OSError as error:
    print(error.strerror)
