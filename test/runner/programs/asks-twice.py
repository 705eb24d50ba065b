first = input("First? ")
second = input("Second? ")
print("got", first, second)
