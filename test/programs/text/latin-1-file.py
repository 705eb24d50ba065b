import locale
import sys

with open("latin.txt", "wb") as file:
    file.write("Größe\n".encode("latin-1"))
print(open("latin.txt", encoding="latin-1").read(), open("latin.txt", errors="replace").read(), sys.getdefaultencoding())
print(locale.getpreferredencoding(False), sys.getfilesystemencoding(), sys.flags.utf8_mode, locale.getlocale(), locale.setlocale(locale.LC_ALL, ""))
open("latin.txt").read()
