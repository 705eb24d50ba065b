import readline

print(repr(input("Name: ")))
print(repr(input("More: ")))
print(repr(input("Last: ")))
print(readline.get_current_history_length(), [readline.get_history_item(n) for n in (1, 2, 3)])
