def ask(text):
    while True:
        try:
            return int(input(text))
        except ValueError as error:
            print("No:", error)


print(ask("Number: ") * 2)
