import sys

print(len(sys.argv), sys.argv)
for number, word in enumerate(sys.argv[1:], 1):
    print(number, repr(word))
