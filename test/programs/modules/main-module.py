import sys

main = sys.modules["__main__"]
print(main.__name__, __name__, __file__, __doc__, __package__, __spec__, type(__loader__).__name__, __builtins__ is __import__("builtins"))
print(sorted(vars(main)), main.__file__ == sys.argv[0] or (main.__file__.rpartition("/")[2], sys.argv))
