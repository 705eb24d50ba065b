import configparser
import io

config = configparser.ConfigParser()
config.read_string("[DEFAULT]\nport = 80\n[web]\nhost = example.org\nurl = http://%(host)s:%(port)s/\n")
print(config["web"]["url"], config.getint("web", "port"), config.sections())
with open("c.ini", "w") as file:
    config.write(file)
import xml.etree.ElementTree as tree

root = tree.fromstring("<a x='1'><b>text</b><b/></a>")
print(root.attrib, [b.text for b in root], tree.tostring(root))
config["web"]["missing"]
