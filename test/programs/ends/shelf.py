import shelve
s = shelve.open("out", writeback=True)
s["a"] = [1]
s["a"].append(2)
