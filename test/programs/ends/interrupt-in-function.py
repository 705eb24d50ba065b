# What a function held that Ctrl-C ended is closed, as at any end.
def save():
    file = open("out", "w")
    file.write("x")
    raise KeyboardInterrupt


save()
