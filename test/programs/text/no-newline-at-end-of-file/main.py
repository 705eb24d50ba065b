print("the last line has no end")
x = 5