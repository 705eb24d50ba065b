# Shared anonymous memory is no data segment: only a cgroup (or the watch) sees it.
import mmap, os
kept = []
for _ in range(1000):
    block = mmap.mmap(-1, 1 << 20)
    block.write(os.urandom(1 << 20))
    kept.append(block)
print("survived")
