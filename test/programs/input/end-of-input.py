print(input("one: "))
print(input("two: "))
