import math
import pprint
import textwrap
from string import Template, capwords

print(textwrap.fill("The quick brown fox jumps over the lazy dog. " * 3, width=30, initial_indent="* ", subsequent_indent="  "))
print(textwrap.dedent("    a\n      b\n"), textwrap.shorten("one two three four", 12), textwrap.indent("a\nb", "> "))
pprint.pprint({"key" + str(n): list(range(n)) for n in range(12)}, width=40)
print(Template("$who owes $$$amount").substitute(who="Bo", amount=5), capwords("a bc  d"))
print(format(math.pi, ".3e"), format(10**10, "_"), format(-5, "+d"), format(True, "d"), format("x", "^5"), f"{1e300 * 10} {float('nan')} {-0.0}")
print(*"abc", sep="-", end="!\n")
print(1, "two", 3.0, None, [1, (2,)], {"a"}, 1j, b"x", ..., NotImplemented, print, int, sep="\n")
