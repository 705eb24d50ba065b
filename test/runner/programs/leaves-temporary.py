# Leaves files and closed folders in /tmp.
import os

os.makedirs("/tmp/a/b/c")
open("/tmp/a/b/c/file", "w").write("x")
os.chmod("/tmp/a/b/c", 0)
os.chmod("/tmp/a", 0)
