import argparse

parser = argparse.ArgumentParser()
commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
commands.add_parser("add", help="adds").add_argument("number", nargs="+", type=float)
commands.add_parser("list", help="lists what is there, in a sentence that is longer than the eighty columns of the terminal it is shown on")
print(parser.parse_args())
