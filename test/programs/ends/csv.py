import csv
f = open("out", "w", newline="")
w = csv.writer(f)
w.writerows([[1, "a,b"], [2, "c"]])
