import json

data = {"name": "Zoë", "scores": [1, 2.5, None, True], "nested": {"b": 1, "a": []}, 3: "three"}
print(json.dumps(data), json.dumps(data, indent=2, sort_keys=False, ensure_ascii=False), sep="\n")
with open("data.json", "w") as file:
    json.dump(data, file, indent="\t")
print(json.load(open("data.json"))["3"], json.loads('[1e5, "\\u20ac", NaN]'))
try:
    json.dumps({1, 2})
except TypeError as error:
    print(error)
json.loads('{"a": 1,}')
