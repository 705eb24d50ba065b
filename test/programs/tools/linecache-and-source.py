import linecache
import sys

print(repr(linecache.getline(__file__, 1)), repr(linecache.getline("main.py", 2)))
print(sys.modules["__main__"].__loader__.get_source("__main__").splitlines()[0] if hasattr(__loader__, "get_source") else "")
