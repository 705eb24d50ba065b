import sys

lines = []


def trace(frame, event, arg):
    lines.append((event, frame.f_code.co_name, frame.f_lineno))
    return trace


def f(n):
    total = 0
    for i in range(n):
        total += i
    return total


sys.settrace(trace)
f(2)
sys.settrace(None)
print(lines)
