import getpass

first = getpass.getpass()
second = getpass.getpass("Again: ")
print("same" if first == second else "different", len(first), getpass.getuser())
