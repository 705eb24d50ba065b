text = "\udcff"
print(ascii(text))
print(text)
