import readline

words = ["green", "blue"]
readline.set_completer(lambda text, n: [w for w in words if w.startswith(text)][n] if n < 1 else None)
readline.parse_and_bind("tab: complete")
print(repr(input("> ")))
