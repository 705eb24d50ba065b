import json
f = open("out", "w")
json.dump({"a": [1, 2]}, f)
