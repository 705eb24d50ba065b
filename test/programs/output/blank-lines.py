print()
print("\n\n")
print("", end="\n")
