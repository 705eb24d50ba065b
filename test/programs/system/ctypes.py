import ctypes
import struct

libc = ctypes.CDLL(None, use_errno=True)
print(libc.abs(-5), ctypes.sizeof(ctypes.c_long), struct.pack("<ih", 1, 2), struct.unpack(">I", b"\0\0\1\0"))
print(libc.open(b"no such file", 0), ctypes.get_errno())
compare = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_int), ctypes.POINTER(ctypes.c_int))
values = (ctypes.c_int * 4)(3, 1, 4, 1)
libc.qsort(values, 4, ctypes.sizeof(ctypes.c_int), compare(lambda a, b: a[0] - b[0]))
print(list(values))
