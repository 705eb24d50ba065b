import array
import collections
import copy
import secrets
import uuid

values = array.array("i", [1, 2, 3])
view = memoryview(values)
view[0] = 9
print(values, view.nbytes, bytes(view[:1]), copy.deepcopy({"a": [1]}), len(secrets.token_hex(4)), uuid.UUID(int=5), uuid.uuid5(uuid.NAMESPACE_DNS, "x"))
print(collections.ChainMap({"a": 1}, {"b": 2})["b"], bytearray(b"abc").translate(None, b"b"), slice(1, 5, 2).indices(4), 3 .__class__, object() is object())
view.release()
values.append(4)
big = bytearray(30 << 20)
big[-1] = 1
print(len(big), sum(range(10**6)))
