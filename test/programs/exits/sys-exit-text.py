import sys

print("out")
sys.exit("Something went wrong: €")
