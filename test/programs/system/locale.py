import locale
import os

print(locale.getlocale(), locale.localeconv()["decimal_point"], locale.format_string("%.2f", 1234.5, grouping=True), locale.strcoll("a", "b") < 0)
print(sorted("äbaZ", key=locale.strxfrm), locale.setlocale(locale.LC_TIME, "C"), os.environ["LANG"])
locale.setlocale(locale.LC_ALL, "xx_XX")
