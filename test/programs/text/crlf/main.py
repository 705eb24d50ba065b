print("with CRLF")
text = """two
lines"""
print(repr(text))
raise ValueError("line 5")
