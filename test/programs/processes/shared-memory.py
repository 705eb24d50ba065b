from multiprocessing import resource_tracker, shared_memory

block = shared_memory.SharedMemory(create=True, size=16)
block.buf[:5] = b"hello"
other = shared_memory.SharedMemory(name=block.name)
print(bytes(other.buf[:5]))
other.close()
block.close()
block.unlink()
# Its helper may still be starting. In a jail it ends with the program, and may complain.
resource_tracker._resource_tracker._stop()
