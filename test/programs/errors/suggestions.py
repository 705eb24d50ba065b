class Student:
    def __init__(self):
        self.surname = "x"


try:
    Student().username
except AttributeError as error:
    print(error)
import math

try:
    math.squareroot
except AttributeError as error:
    print(error)
counter = 1
print(countr)
