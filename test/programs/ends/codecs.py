import codecs
f = codecs.open("out", "w", "utf-16-le")
f.write("xyz")
