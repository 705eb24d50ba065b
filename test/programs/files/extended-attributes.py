import os

with open("f", "w") as file:
    pass
print(os.listxattr("f"))
os.setxattr("f", "user.note", b"x")
