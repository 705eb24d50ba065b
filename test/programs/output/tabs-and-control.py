print("a\tb\tc\x0bd\x0ce\x08f\x07")
print("nul \x00 esc \x1b del \x7f c1 \x85 \x9b")
print("\x1b[31mred\x1b[0m \x1b[1;4munderlined\x1b[m")
