import importlib
import json

attempts = {
    "name": lambda: undefined,  # noqa: F821
    "type": lambda: "3" + 4,
    "value": lambda: int("3.5"),
    "index": lambda: [1, 2][2],
    "key": lambda: {"a": 1}["b"],
    "attribute": lambda: None.append(1),
    "zero": lambda: 1 % 0,
    "file": lambda: open("no such file.txt"),
    "folder": lambda: open("."),
    "call": lambda: (1)(2),
    "arguments": lambda: len(),
    "more": lambda: (lambda a, b: a)(1, 2, 3),
    "keyword": lambda: (lambda a: a)(b=1),
    "unpack": lambda: (lambda: [a for a, b in [(1, 2, 3)]])(),
    "module": lambda: importlib.import_module("no_such_module"),
    "import": lambda: exec("from math import cosinus"),
    "range": lambda: range(1.5),
    "unicode": lambda: b"\xff".decode(),
    "encode": lambda: "€".encode("ascii"),
    "recursion": lambda: (lambda f: f(f))(lambda f: f(f)),
    "overflow": lambda: 2.0**10000,
    "stop": lambda: next(iter([])),
    "assert": lambda: exec("assert 1 == 2, 'no'"),
    "json": lambda: json.loads("{"),
    "hash": lambda: {[]: 1},
    "iterate": lambda: [x for x in 5],
    "subscript": lambda: 5[0],
    "assign": lambda: "abc".__setitem__(0, "x"),
    "compare": lambda: 3 < "4",
    "memory": lambda: bytearray(1 << 62),
    "eof": lambda: eval("(1 +"),
    "lookup": lambda: "x".encode("no-such-encoding"),
    "system": lambda: __import__("os").kill(1 << 22, 0),
}
for name, attempt in attempts.items():
    try:
        attempt()
    except Exception as error:
        print(f"{name}: {type(error).__name__}: {error}")
