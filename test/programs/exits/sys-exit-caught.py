import sys

try:
    sys.exit("caught")
except SystemExit as error:
    print("code", error.code)
raise SystemExit
