name = input("What's your name? ")
age = int(input("How old? "))
print(f"{name} is {age}", end="... ")
if input("Sure (y/n) ") == "y":
    print("Good.")
