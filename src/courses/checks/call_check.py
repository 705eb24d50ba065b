"""Evaluates one expression with the names of a file, and tells what came out: call_check.py MARK FILE EXPRESSION

It runs in the jail with the student's code, which can do to it whatever it likes: what it tells is a value like any other, which is compared
outside. Nothing here knows what is expected.
"""
import json
import os
import sys

MAX_DEPTH, MAX_ITEMS, MAX_TEXT = 30, 20000, 100000
_write, _dumps, _fspath = os.write, json.dumps, os.getcwd


class _TooLarge(Exception):
    pass


class _Telling:
    def __init__(self):
        self.left = MAX_ITEMS

    def tell(self, value, depth=0):
        self.left -= 1
        if depth > MAX_DEPTH or self.left < 0:
            raise _TooLarge
        if value is None:
            return {"kind": "none"}
        if isinstance(value, bool):
            return {"kind": "bool", "value": value is True}
        if isinstance(value, int):
            if int.bit_length(value) > 16000:
                raise _TooLarge
            return {"kind": "int", "value": int.__repr__(value)}
        if isinstance(value, float):
            return {"kind": "float", "value": float.__repr__(value).replace("nan", "NaN").replace("inf", "Infinity")}
        if isinstance(value, str):
            return {"kind": "str", "value": self.text(str.__str__(value))}
        if isinstance(value, (bytes, bytearray)):
            return {"kind": "bytes", "value": self.text(bytes(value).decode("latin-1"))}
        for kind, name in ((list, "list"), (tuple, "tuple"), (set, "set"), (frozenset, "set")):
            if isinstance(value, kind):
                return {"kind": name, "items": [self.tell(item, depth + 1) for item in kind.__iter__(value)]}
        if isinstance(value, dict):
            pairs = [[self.tell(key, depth + 1), self.tell(item, depth + 1)] for key, item in dict.items(value)]
            return {"kind": "dict", "items": pairs}
        return {"kind": "other", "type": self.text(type(value).__name__[:100])}

    def text(self, text):
        if len(text) > MAX_TEXT:
            raise _TooLarge
        return text


def _end(mark, result):
    line = f"\n{mark}{_dumps(result)}\n".encode()
    sys.stdout.flush()
    while line:
        line = line[_write(1, line):]
    os._exit(0)


def _main():
    mark, file, expression = sys.argv[1:4]
    sys.argv = [file]
    sys.path[0] = os.path.dirname(os.path.abspath(file))
    try:
        with open(file, encoding="utf-8") as source:
            text = source.read()
    except FileNotFoundError:
        _end(mark, {"missing": file})
    names = {"__name__": os.path.splitext(os.path.basename(file))[0], "__file__": file}
    try:
        exec(compile(text, file, "exec", dont_inherit=True), names)
        value = eval(compile(expression, "<check>", "eval", dont_inherit=True), names)
    except SystemExit:
        _end(mark, {"raised": "SystemExit", "bases": ["SystemExit"], "text": "the program ended itself"})
    except BaseException as error:
        bases = [kind.__name__ for kind in type(error).__mro__][:20]
        line = None
        step = error.__traceback__
        while step is not None:
            if step.tb_frame.f_code.co_filename == file:
                line = step.tb_lineno
            step = step.tb_next
        if isinstance(error, SyntaxError) and error.filename == file:
            line = error.lineno
        try:
            told = str(error)[:400]
        except BaseException:
            told = ""
        _end(mark, {"raised": bases[0][:100], "bases": bases, "text": told, "line": line})
    try:
        _end(mark, {"value": _Telling().tell(value)})
    except _TooLarge:
        _end(mark, {"large": True})


_main()
