import dbm
d = dbm.open("out", "c")
d["a"] = "b"
