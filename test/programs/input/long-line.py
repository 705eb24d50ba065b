print(len(input("> ")))
