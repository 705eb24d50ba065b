import shapes
from shapes import circle, square as box
from shapes.round import *

print(shapes.__all__, circle.area(2), box.area(3), ellipse(1, 2), shapes.__path__[0].rpartition("/work/")[2])
