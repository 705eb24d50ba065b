import json
import code
import string

print(json.dumps, code.mine, string.ascii_lowercase)
