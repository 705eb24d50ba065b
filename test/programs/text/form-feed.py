print("before")

print("after a form feed")
