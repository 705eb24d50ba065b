x = 1; y = 2; print(x, y)
if x: print("one line")
for c in "ab": print(c, end=" "); print()
print(1,
      2,
      3 + \
      4)
