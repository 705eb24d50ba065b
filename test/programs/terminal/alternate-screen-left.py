print("\x1b[?1049h\x1b[2J\x1b[31mleft on the other screen", end="")
