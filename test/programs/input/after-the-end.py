try:
    input("one: ")
except EOFError:
    print("end")
print(repr(input("two: ")))
