try:
    input("Name: ")
except KeyboardInterrupt:
    print("\nNo name?")
print("Hi", input("Again: "))
