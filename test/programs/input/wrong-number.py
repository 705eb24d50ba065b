number = int(input("Number: "))
print(number)
