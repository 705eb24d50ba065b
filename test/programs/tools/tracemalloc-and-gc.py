import gc
import sys
import tracemalloc
import weakref

tracemalloc.start()
data = [bytes(1000) for _ in range(100)]
current, peak = tracemalloc.get_traced_memory()
print(current > 100_000, peak >= current)
tracemalloc.stop()


class Node:
    pass


node = Node()
node.self = node
reference = weakref.ref(node, lambda r: print("collected"))
del node
print(gc.collect() > 0, reference(), gc.isenabled(), gc.get_threshold()[0] > 0, sys.getrefcount(data) >= 2, sys.getsizeof([]) > 0)
cache = weakref.WeakValueDictionary()
one = cache["a"] = Node()
del one
print(len(cache))
