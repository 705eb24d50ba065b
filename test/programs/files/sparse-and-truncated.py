import os

with open("sparse", "wb") as file:
    file.seek(1_000_000)
    file.write(b"end")
os.truncate("sparse", 1_000_001)
print(os.path.getsize("sparse"))
os.posix_fallocate(os.open("allocated", os.O_CREAT | os.O_RDWR), 0, 5000)
print(os.path.getsize("allocated"))
os.sendfile(os.open("copied", os.O_CREAT | os.O_WRONLY), os.open("allocated", os.O_RDONLY), 0, 100)
print(os.path.getsize("copied"))
