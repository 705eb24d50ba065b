from xml.sax.saxutils import XMLGenerator
f = open("out", "wb")
g = XMLGenerator(f)
g.startDocument()
g.startElement("a", {})
