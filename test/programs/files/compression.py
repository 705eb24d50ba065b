import base64
import bz2
import gzip
import hashlib
import lzma
import zlib

data = b"abc" * 1000
for module in (zlib, bz2, lzma, gzip):
    print(module.__name__, module.decompress(module.compress(data)) == data)
print(base64.b64encode(b"hello"), hashlib.sha256(data).hexdigest(), zlib.crc32(data), hashlib.md5(b"").hexdigest())
gzip.decompress(b"not compressed")
