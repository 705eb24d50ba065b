import os

os.kill(0, 9)
