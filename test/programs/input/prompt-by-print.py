print("Name: ", end="", flush=True)
name = input()
print("Hi", name, "\n>", end="")
print(repr(input()))
