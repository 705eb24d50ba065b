"""Tells what stands in a file of Python: code_facts.py FILE. Nothing of the file is run."""
import ast
import json
import os
import sys

LOOPS = (ast.For, ast.AsyncFor, ast.While)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
KINDS = (
    ("for", (ast.For, ast.AsyncFor)), ("while", (ast.While,)), ("if", (ast.If, ast.IfExp)), ("try", (ast.Try,)),
    ("with", (ast.With, ast.AsyncWith)), ("class", (ast.ClassDef,)), ("def", (ast.FunctionDef, ast.AsyncFunctionDef)),
    ("lambda", (ast.Lambda,)), ("comprehension", COMPREHENSIONS),
)
NESTING = (ast.For, ast.AsyncFor, ast.While, ast.If, ast.Try, ast.With, ast.AsyncWith)


def called(node):
    """The names by which something is called: sort and list.sort, print."""
    names, target = [], node.func
    while isinstance(target, ast.Attribute):
        names.insert(0, target.attr)
        target = target.value
    if isinstance(target, ast.Name):
        names.insert(0, target.id)
    return {".".join(names), names[-1]} if names else set()


def facts(tree):
    found = {"imports": {}, "defines": {}, "calls": {}, "uses": {}, "nesting": 0, "deepest": 0}
    waiting = [(tree, 0, ())]
    while waiting:
        node, depth, functions = waiting.pop()
        line = getattr(node, "lineno", 0)
        if isinstance(node, ast.Import):
            for alias in node.names:
                found["imports"].setdefault(alias.name.split(".")[0], line)
        elif isinstance(node, ast.ImportFrom):
            found["imports"].setdefault((node.module or "").split(".")[0], line)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            found["defines"].setdefault(node.name, line)
            if not isinstance(node, ast.ClassDef):
                functions = functions + (node.name,)
        elif isinstance(node, ast.Call):
            for name in called(node):
                found["calls"].setdefault(name, line)
                if name in functions:
                    found["uses"].setdefault("recursion", line)
        for word, kinds in KINDS:
            if isinstance(node, kinds):
                found["uses"].setdefault(word, line)
        if isinstance(node, NESTING):
            depth += 1
            if depth > found["nesting"]:
                found["nesting"], found["deepest"] = depth, line
        for child in ast.iter_child_nodes(node):
            # An elif is no deeper than its if.
            flat = isinstance(node, ast.If) and node.orelse == [child] and isinstance(child, ast.If)
            waiting.append((child, depth - 1 if flat else depth, functions))
    return found


def main():
    try:
        with open(sys.argv[1], "rb") as file:
            tree = ast.parse(file.read(), sys.argv[1])
        result = facts(tree)
    except FileNotFoundError:
        result = {"missing": True}
    except (SyntaxError, ValueError) as error:
        result = {"wrong": str(getattr(error, "msg", error))[:200], "line": getattr(error, "lineno", None)}
    except (RecursionError, MemoryError):
        result = {"wrong": "its parts are nested too deep", "line": None}
    os.write(1, json.dumps(result).encode())


main()
