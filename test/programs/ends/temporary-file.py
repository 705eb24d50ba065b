import tempfile
f = tempfile.NamedTemporaryFile("w", dir=".", prefix="out-", delete=False)
f.write("x")
