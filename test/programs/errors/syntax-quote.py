text = "unclosed
print(text)
