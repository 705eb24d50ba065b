print("after a byte order mark: ü")
1 / 0
