print("word " * 5000)
