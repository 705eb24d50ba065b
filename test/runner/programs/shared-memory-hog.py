# Shared anonymous memory is no data segment: only a cgroup (or the watch) sees it.
import mmap
kept = []
for _ in range(1000):
    block = mmap.mmap(-1, 1 << 20)
    block.write(b"x" * (1 << 20))
    kept.append(block)
print("survived")
