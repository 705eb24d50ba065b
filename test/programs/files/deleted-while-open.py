import os

file = open("gone.txt", "w+")
file.write("still there")
os.remove("gone.txt")
file.seek(0)
print(file.read(), os.fstat(file.fileno()).st_nlink, os.path.exists("gone.txt"))
