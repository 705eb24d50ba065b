import configparser
c = configparser.ConfigParser()
c["a"] = {"b": "1"}
f = open("out", "w")
c.write(f)
