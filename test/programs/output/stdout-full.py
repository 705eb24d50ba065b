import os
import sys

file = os.open("/dev/full", os.O_WRONLY)
os.dup2(file, 1)
print("into a full disk")
