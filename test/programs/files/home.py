import os
from pathlib import Path

(Path.home() / ".config").mkdir()
(Path.home() / ".config/app.ini").write_text("x=1\n")
with open(os.path.expanduser("~/notes.txt"), "w") as file:
    file.write("in the home")
print(os.path.expandvars("$HOME/x"), os.listdir(Path.home()) == sorted(os.listdir("..")) or sorted(os.listdir("..")))
