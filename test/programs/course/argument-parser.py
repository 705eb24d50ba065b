import argparse

parser = argparse.ArgumentParser(description="Counts things.", epilog="That is all.")
parser.add_argument("file")
parser.add_argument("-c", "--count", type=int, default=1, help="how often (default: %(default)s)")
parser.add_argument("-v", "--verbose", action="store_true")
parser.add_argument("--level", choices=["low", "high"])
options = parser.parse_args()
print(options, parser.prog)
parser.print_help()
parser.parse_args(["--count", "many", "x"])
