import csv
import io

rows = [["a", "b,c", 'd"e'], ["1", "", "ü\nnew"]]
for dialect in ("excel", "excel-tab", "unix"):
    out = io.StringIO()
    csv.writer(out, dialect).writerows(rows)
    print(dialect, repr(out.getvalue()))
print(list(csv.reader(["x;y", "1;2"], delimiter=";")), csv.Sniffer().sniff("a;b\n1;2\n").delimiter)
