import sys

print("runs as", __name__, sys.argv[0].rpartition("/work/")[2], __package__)
