import os

with open("file.txt", "w") as file:
    file.write("x")
os.link("file.txt", "hard.txt")
os.symlink("file.txt", "soft.txt")
os.symlink("nowhere", "dangling")
os.symlink(".", "loop")
print(os.stat("file.txt").st_nlink, os.path.samefile("hard.txt", "file.txt"), os.readlink("soft.txt"), os.path.islink("dangling"), os.path.exists("dangling"))
os.unlink("file.txt")
print(open("hard.txt").read(), os.path.exists("soft.txt"), os.path.exists("loop/loop/hard.txt"))
os.symlink("self", "self")
open("self")
