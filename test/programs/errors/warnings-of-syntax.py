x = 5
if x is 5:
    print("is")
print("\d", ("a" "b")
      )
assert (x, "always true")
