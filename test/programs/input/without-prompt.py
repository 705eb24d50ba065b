print("two numbers")
a = int(input())
b = int(input())
print(a + b)
