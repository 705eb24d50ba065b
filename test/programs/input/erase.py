print(repr(input("Name: ")))
print(repr(input("Line: ")))
print(repr(input("Word: ")))
