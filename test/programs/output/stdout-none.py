import sys

sys.stdout = None
print("into nothing")
sys.stderr.write("end\n")
