"""What can be said about an error besides Python's own words: where it happened, and the names and values in what failed.

Loaded after an error, and forgotten again. It only looks: no code of the program's is called, neither a __repr__ nor a property, and
every look is bounded. Sentences are made of the facts by the server.
"""

import _ast
import os
import stat
import sys

MAX_SOURCE = 1 << 20
MAX_FRAMES = 3000
MAX_NAMES = 400
MAX_ENTRIES = 1000
MAX_SHOWN = 12
TEXT_WIDTH = 60
LINE_WIDTH = 160
MESSAGE_WIDTH = 300
PLAIN = (int, float, complex, str, bytes, bool, type(None), list, tuple, dict, set, frozenset, range)


def facts_about(error, frames):
    kinds = [each.__name__ for each in type(error).__mro__ if each.__module__ == "builtins"]
    facts = {"kind": kinds[0], "name": type(error).__name__[:TEXT_WIDTH], "message": message_of(error)}
    if isinstance(error, SyntaxError) and not frames:
        facts.update(syntax_facts(error))
        return facts
    path = list_of(frames)
    own = [each for each in path if is_own(each.tb_frame.f_code.co_filename)]
    if not own:
        return facts
    here = own[-1]
    if here is not path[-1]:
        facts["through"] = path[-1].tb_frame.f_code.co_name[:TEXT_WIDTH]
    scene = Scene(here)
    facts.update(scene.place())
    if isinstance(error, SyntaxError):
        return facts
    for kind, look in LOOKS:
        if isinstance(error, kind):
            facts.update({name: value for name, value in look(error, scene, path).items() if value is not None})
            break
    return facts


def message_of(error):
    """Only where Python itself makes it of plain values."""
    describes = next(vars(each).get("__str__") for each in type(error).__mro__ if "__str__" in vars(each))
    if type(describes) is not type(BaseException.__str__) or any(type(each) not in PLAIN for each in error.args[:2]):
        return None
    if isinstance(error, SyntaxError):
        return error.msg[:MESSAGE_WIDTH] if type(error.msg) is str else None
    if sum(len(each) for each in error.args if type(each) in (str, bytes, list, tuple, dict, set)) > MAX_SOURCE:
        return None
    return str(error)[:MESSAGE_WIDTH]


def list_of(frames):
    path = []
    while frames and len(path) < MAX_FRAMES:
        path.append(frames)
        frames = frames.tb_next
    return path


def is_own(name):
    """Whether a file is the person's or the course's, and not Python's or a library's."""
    if name.startswith("<"):
        return name == "<stdin>" or name.startswith("<python-input")
    libraries = (sys.prefix + "/lib", sys.base_prefix + "/lib")
    return not name.startswith(libraries) and "/site-packages/" not in name and "/dist-packages/" not in name


def syntax_facts(error):
    facts = {"file": error.filename, "line": error.lineno, "column": error.offset}
    facts["endColumn"] = getattr(error, "end_offset", None) if getattr(error, "end_lineno", None) == error.lineno else None
    lines = lines_of(error.filename)
    number = error.lineno
    if type(error.text) is str:
        facts["source"] = error.text.rstrip("\n")[:LINE_WIDTH]
    if lines and type(number) is int and 0 < number <= len(lines):
        facts["source"] = lines[number - 1][:LINE_WIDTH]
        before = [each for each in lines[: number - 1] if each.strip()]
        facts["before"] = before[-1][:LINE_WIDTH] if before else None
    return {name: value for name, value in facts.items() if type(value) in (str, int)}


def lines_of(name):
    """The lines of a program, or None. Nothing but a regular file is opened: a pipe would make us wait."""
    if type(name) is not str or name.startswith("<"):
        return None
    try:
        file = os.open(name, os.O_RDONLY | os.O_NONBLOCK)
    except (OSError, ValueError):
        return None
    try:
        status = os.fstat(file)
        if not stat.S_ISREG(status.st_mode) or status.st_size > MAX_SOURCE:
            return None
        return os.read(file, MAX_SOURCE).decode("utf-8-sig", "replace").splitlines()
    finally:
        os.close(file)


class Scene:
    """The frame in which it happened, and what stands in its text at that place."""

    def __init__(self, traceback):
        self.frame = traceback.tb_frame
        self.code = self.frame.f_code
        self.line = traceback.tb_lineno
        self.lines = lines_of(self.code.co_filename) or []
        self.range = self.positions(traceback.tb_lasti)
        self.variables = [plain_dict(self.frame.f_locals), plain_dict(self.frame.f_globals), plain_dict(self.frame.f_builtins
            if hasattr(self.frame, "f_builtins") else vars(sys.modules["builtins"]))]
        self.text, self.node = self.parsed()

    def positions(self, instruction):
        """Line, last line, and columns in bytes of what failed (since Python 3.11), or None."""
        if not hasattr(self.code, "co_positions"):
            return None
        for number, position in enumerate(self.code.co_positions()):
            if number == instruction // 2:
                return position if None not in position else None
        return None

    def source(self, number):
        return self.lines[number - 1] if 0 < number <= len(self.lines) else ""

    def place(self):
        facts = {"file": self.code.co_filename, "line": self.line}
        if self.code.co_name != "<module>":
            facts["function"] = self.code.co_name[:TEXT_WIDTH]
        if self.source(self.line):
            facts["source"] = self.source(self.line)[:LINE_WIDTH]
        if self.range and self.range[0] == self.line:
            encoded = self.source(self.line).encode("utf-8", "replace")
            facts["column"] = len(encoded[: self.range[2]].decode("utf-8", "replace")) + 1
            if self.range[1] == self.line:
                facts["endColumn"] = len(encoded[: self.range[3]].decode("utf-8", "replace")) + 1
        return facts

    def parsed(self):
        """The text of what failed and its tree; where Python does not say what, of the whole line."""
        if self.range:
            first, last, start, end = self.range
            if first <= last < first + 8:
                rows = [self.source(number).encode("utf-8", "replace") for number in range(first, last + 1)]
                rows[-1] = rows[-1][:end]
                rows[0] = rows[0][start:]
                text = b"\n".join(rows).decode("utf-8", "replace")
                for wrapped in (f"({text}\n)", text):
                    tree = tree_of(wrapped)
                    if tree is not None:
                        return wrapped, tree
        text = self.source(self.line).strip()
        if text.endswith(":"):
            text += " pass"
        for begin, better in (("elif ", "if "), ("else:", "if 1:"), ("except", "if 1:"), ("finally:", "if 1:")):
            if text.startswith(begin):
                text = better + text[len(begin):]
        return text, tree_of(text)

    def only(self, *kinds):
        """The one node of these kinds; None when there are several, since the text does not say which one failed."""
        found = [each for each in nodes(self.node) if isinstance(each, kinds)] if self.node else []
        whole = body_of(self.node)
        if isinstance(whole, kinds):
            return whole
        return found[0] if len(found) == 1 else None

    def words(self, node):
        """A part of the text."""
        rows = self.text.encode("utf-8", "replace").split(b"\n")[node.lineno - 1 : node.end_lineno]
        if not rows:
            return None
        rows[-1] = rows[-1][: node.end_col_offset]
        rows[0] = rows[0][node.col_offset :]
        return " ".join(b" ".join(rows).decode("utf-8", "replace").split())[:TEXT_WIDTH]

    def value(self, node):
        """The value of simple expressions, in a tuple; None where that would need code of the program's."""
        if isinstance(node, _ast.Constant):
            return (node.value,)
        if isinstance(node, _ast.Name):
            return next(((each[node.id],) for each in self.variables if node.id in each), None)
        if isinstance(node, (_ast.List, _ast.Tuple)) and len(node.elts) <= MAX_SHOWN:
            found = [self.value(each) for each in node.elts]
            kind = list if isinstance(node, _ast.List) else tuple
            return (kind(each[0] for each in found),) if all(found) else None
        if isinstance(node, _ast.UnaryOp) and isinstance(node.op, _ast.USub):
            found = self.value(node.operand)
            return (-found[0],) if found and type(found[0]) in (int, float) else None
        if isinstance(node, _ast.Attribute):
            found = self.value(node.value)
            return attribute(found[0], node.attr) if found else None
        if isinstance(node, _ast.Subscript):
            base, index = self.value(node.value), self.value(node.slice)
            return item(base[0], index[0]) if base and index else None
        if isinstance(node, _ast.BinOp) and isinstance(node.op, (_ast.Add, _ast.Sub)):
            left, right = self.value(node.left), self.value(node.right)
            if left and right and all(type(each[0]) is int and -(2**62) < each[0] < 2**62 for each in (left, right)):
                return (left[0] + right[0],) if isinstance(node.op, _ast.Add) else (left[0] - right[0],)
        if isinstance(node, _ast.Call) and isinstance(node.func, _ast.Name) and node.func.id == "len" and len(node.args) == 1:
            found = self.value(node.args[0])
            return (len(found[0]),) if found and type(found[0]) in (str, list, tuple, dict, set, range) else None
        return None

    def part(self, node):
        """What is known of a part of the text: its words, and the type, length and value."""
        facts = {"text": self.words(node)}
        found = self.value(node)
        if found:
            facts.update(described(found[0]))
        return facts


def described(value):
    kind = type(value)
    facts = {"type": kind.__name__[:TEXT_WIDTH]}
    if kind in (str, bytes, list, tuple, dict, set, frozenset, range):
        facts["length"] = len(value)
    shown = short(value)
    if shown is not None:
        facts["value"] = shown[:TEXT_WIDTH]
    return facts


def tree_of(text):
    try:
        return compile(text, "", "exec", 0x400 | 0x1000, dont_inherit=True)  # the tree only; a stray await is no mistake
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None


def body_of(tree):
    """The one expression or statement of a tree."""
    if tree is None or len(tree.body) != 1:
        return None
    return tree.body[0].value if isinstance(tree.body[0], _ast.Expr) else tree.body[0]


def nodes(tree):
    waiting = [tree]
    for node in waiting:
        if len(waiting) > 2000:
            return
        yield node
        for name in node._fields:
            field = getattr(node, name, None)
            waiting += [each for each in (field if isinstance(field, list) else [field]) if isinstance(each, _ast.AST)]


def plain_dict(mapping):
    if type(mapping) is dict:
        return mapping
    return dict(mapping) if type(mapping).__name__ == "FrameLocalsProxy" else {}


def instance_dict(value):
    try:
        found = object.__getattribute__(value, "__dict__")
    except AttributeError:
        return {}
    return found if type(found) is dict else {}


def class_dicts(kind):
    return [type.__getattribute__(each, "__dict__") for each in type.__getattribute__(kind, "__mro__")]


def attribute(value, name):
    """What is stored under a name; never what a property would compute."""
    own = instance_dict(value)
    if name in own:
        return (own[name],)
    for each in class_dicts(value if isinstance(value, type) else type(value)):
        if name in each:
            found = each[name]
            return (found,) if type(found) in PLAIN or type(found) is FUNCTION else None
    return None


def item(base, index):
    if type(base) in (list, tuple, str) and type(index) is int and -len(base) <= index < len(base):
        return (base[index],)
    if type(base) is dict and type(index) in (str, int) and index in base:
        return (base[index],)
    return None


FUNCTION = type(facts_about)


def short(value, depth=0):
    """A value as Python writes it, cut; None for what is not all Python's own."""
    kind = type(value)
    if kind is str or kind is bytes:
        return repr(value if len(value) <= TEXT_WIDTH else value[: TEXT_WIDTH - 3]) + ("..." if len(value) > TEXT_WIDTH else "")
    if kind is int:
        return repr(value) if value.bit_length() < 256 else None
    if kind in (float, complex, bool, type(None)) or kind is range:
        return repr(value)
    if kind not in (list, tuple, dict, set, frozenset) or depth > 1 or kind is frozenset:
        return None
    parts = []
    for each in value:
        if len(parts) == 8:
            parts.append("...")
            break
        shown = short(each, depth + 1)
        if kind is dict:
            entry = short(value[each], depth + 1) if type(each) in (str, int, float, bool, type(None)) else None
            shown = None if shown is None else f"{shown}: {entry or '...'}"
        parts.append(shown or "...")
    if kind is set and not parts:
        return "set()"
    begin, end = {list: "[]", tuple: "()", dict: "{}", set: "{}"}[kind]
    return begin + ", ".join(parts) + ("," if kind is tuple and len(parts) == 1 else "") + end


def near(wanted, names, count=3, most=3):
    """The names that look like one, the nearest first; `most` letters are different at most, fewer in short names."""
    found = {}
    for name in names:
        if len(found) == MAX_NAMES:
            break
        if type(name) is str and name != wanted and not name.startswith("__") and abs(len(name) - len(wanted)) < 3 and len(name) <= 40:
            found[name] = distance(wanted, name)
    limit = min(most, 0.5 if len(wanted) < 3 else 1 if len(wanted) < 6 else 2 if len(wanted) < 9 else 3)
    return sorted((name for name in found if found[name] <= limit), key=found.get)[:count] or None


def distance(one, other):
    """How many letters must be put in, taken out, changed or swapped; a half where only capitals differ."""
    if one.lower() == other.lower():
        return 0.5
    before, row = [], list(range(len(other) + 1))
    for number, letter in enumerate(one):
        older, before, row = before, row, [number + 1]
        for column, another in enumerate(other):
            best = min(before[column] + (letter != another), before[column + 1] + 1, row[column] + 1)
            if number and column and letter == other[column - 1] and one[number - 1] == another:
                best = min(best, older[column - 1] + 1)
            row.append(best)
    return row[-1]


def name_in(error, scene):
    name = getattr(error, "name", None)
    if type(name) is not str and type(error.args[0] if error.args else None) is str:
        name = error.args[0].split("'")[1] if error.args[0].count("'") >= 2 else None
    return name[:TEXT_WIDTH] if type(name) is str else None


def name_facts(error, scene, path):
    name = name_in(error, scene)
    if name is None:
        return {}
    own = scene.variables[0].get("self")
    known = dict.fromkeys(each for names in scene.variables[:2] for each in list(names)[:MAX_NAMES])
    # Of Python's own names there are many: one of them looks like nearly anything.
    facts = {"subject": name, "near": near(name, known) or near(name, scene.variables[2], most=1)}
    if own is not None and name in [*instance_dict(own), *(each for names in class_dicts(type(own)) for each in names)]:
        facts["inSelf"] = True
    if isinstance(error, UnboundLocalError):
        facts["global"] = name in scene.variables[1] or None
        return facts
    for number, line in enumerate(scene.lines[: MAX_SOURCE], 1):
        if number > scene.line and line.startswith((f"def {name}(", f"class {name}:", f"class {name}(", f"{name} =")):
            facts["laterLine"] = number
            break
    if name in getattr(sys, "stdlib_module_names", ()):
        facts["module"] = True
    return facts


def attribute_facts(error, scene, path):
    name = name_in(error, scene)
    node = scene.only(_ast.Attribute)
    facts = {"subject": name}
    found = scene.value(node.value) if node is not None else None
    if hasattr(error, "obj"):
        found = (error.obj,)
    if node is not None:
        facts["base"] = {"text": scene.words(node.value), **(described(found[0]) if found else {})}
        facts["made"] = assignment(scene, node.value)
    elif found:
        facts["base"] = described(found[0])
    if found and name:
        value = found[0]
        names = list(instance_dict(value))
        for each in class_dicts(value if isinstance(value, type) else type(value)):
            names += [key for key in each if type(key) is str and not key.startswith("_")]
        facts["near"] = near(name, dict.fromkeys(names))
        if isinstance(value, type(sys)):
            facts["module"] = True
            facts["base"]["text"] = instance_dict(value).get("__name__", "")[:TEXT_WIDTH]
        elif type(value).__module__ not in ("builtins", "types"):
            facts["own"] = True
    return facts


def assignment(scene, node):
    """The last line above that gives a name its value, as far as the text shows it."""
    if not isinstance(node, _ast.Name):
        return None
    for number in range(scene.line - 1, max(0, scene.line - 500), -1):
        text = scene.source(number).strip()
        rest = text[len(node.id) :].lstrip() if text.startswith(node.id) else ""
        if rest.startswith("=") and not rest.startswith("=="):
            return {"line": number, "text": text[:LINE_WIDTH]}
    return None


OPERATORS = {"Add": "+", "Sub": "-", "Mult": "*", "Div": "/", "FloorDiv": "//", "Mod": "%", "Pow": "**"}
COMPARISONS = {"Lt": "<", "LtE": "<=", "Gt": ">", "GtE": ">=", "In": "in", "NotIn": "not in"}


def operation(scene):
    node = scene.only(_ast.BinOp, _ast.AugAssign, _ast.Compare)
    if isinstance(node, _ast.BinOp):
        return {"sign": OPERATORS.get(type(node.op).__name__), "left": scene.part(node.left), "right": scene.part(node.right)}
    if isinstance(node, _ast.AugAssign):
        return {"sign": OPERATORS.get(type(node.op).__name__), "left": scene.part(node.target), "right": scene.part(node.value)}
    if isinstance(node, _ast.Compare) and len(node.ops) == 1:
        sign = COMPARISONS.get(type(node.ops[0]).__name__)
        return {"sign": sign, "left": scene.part(node.left), "right": scene.part(node.comparators[0])}
    return {}


def call(scene):
    node = scene.only(_ast.Call)
    if node is None:
        return {}
    facts = {"callee": scene.part(node.func), "arguments": [scene.part(each) for each in node.args[:4]]}
    found = scene.value(node.func)
    owner = scene.value(node.func.value) if isinstance(node.func, _ast.Attribute) else None
    method = owner is not None and not isinstance(owner[0], (type(sys), type))
    if found and isinstance(found[0], type) and type(found[0]) is type:
        initial = attribute(found[0], "__init__")
        found, method = (initial, True) if initial and type(initial[0]) is FUNCTION else (found, method)
    if found and type(found[0]) is FUNCTION:
        code = found[0].__code__
        facts["parameters"] = [each[:TEXT_WIDTH] for each in code.co_varnames[: min(8, code.co_argcount)]]
        facts["optional"] = len(found[0].__defaults__ or ())
        if is_own(code.co_filename):
            facts["definedAt"] = code.co_firstlineno
        facts["method"] = method or None
        facts["qualified"] = code.co_name[:TEXT_WIDTH]
    elif isinstance(node.func, _ast.Name):
        facts["made"] = assignment(scene, node.func)
    return facts


def subscript(scene):
    node = scene.only(_ast.Subscript)
    if node is None:
        return {}
    facts = {"base": scene.part(node.value), "index": scene.part(node.slice), "made": assignment(scene, node.value)}
    found = scene.value(node.value)
    if found and type(found[0]) is dict:
        facts["keys"] = [short(each) or "..." for each in list(found[0])[:MAX_SHOWN]]
    return facts


def type_facts(error, scene, path):
    text = message_of(error) or ""
    if "subscriptable" in text or "item assignment" in text or "indices must be" in text or "item deletion" in text:
        return subscript(scene)
    if "unsupported operand" in text or "concatenate" in text or "not supported between" in text or "multiply sequence" in text:
        return operation(scene)
    if "not iterable" in text:
        node = body_of(scene.node)
        if isinstance(node, _ast.For):
            node = node.iter
        whole = node is not None and isinstance(node, (_ast.Name, _ast.Constant, _ast.Call, _ast.Attribute, _ast.Subscript))
        return {"base": scene.part(node), "made": assignment(scene, node)} if whole else {}
    return call(scene)


def value_facts(error, scene, path):
    facts = call(scene)
    if "unpack" in (message_of(error) or ""):
        facts = {}
        statement = body_of(tree_of(scene.source(scene.line).strip()))
        if isinstance(statement, _ast.Assign) and isinstance(statement.targets[0], (_ast.Tuple, _ast.List)):
            whole = Line(scene)
            facts = {"right": whole.part(statement.value), "count": len(statement.targets[0].elts)}
    for name in ("lineno", "colno"):
        position = getattr(error, name, None) if type(error).__name__ == "JSONDecodeError" else None
        if type(position) is int:
            facts[name] = position
    return facts


class Line(Scene):
    """The whole line in which it happened."""

    def __init__(self, scene):
        self.variables = scene.variables
        self.text = scene.source(scene.line).strip()


def index_facts(error, scene, path):
    facts = subscript(scene)
    return facts or call(scene)


def key_facts(error, scene, path):
    facts = subscript(scene)
    key = error.args[0] if error.args else None
    facts["subject"] = short(key)[:TEXT_WIDTH] if short(key) else None
    found = facts.get("base") and scene.value(scene.only(_ast.Subscript).value)
    if found and type(found[0]) is dict:
        if type(key) is str:
            alike = near(key, list(found[0])[:MAX_NAMES])
            facts["near"] = [short(each) for each in alike] if alike else None
        texts = [each for each in list(found[0])[:MAX_NAMES] if type(each) in (str, int) and type(each) is not type(key)]
        if type(key) in (str, int) and any(str(each) == str(key) for each in texts if type(each) is str or each.bit_length() < 256):
            facts["otherType"] = True
    return facts


def division_facts(error, scene, path):
    return operation(scene)


def file_facts(error, scene, path):
    name = error.filename
    if type(name) is not str:
        return {}
    folder = os.path.dirname(os.path.join(os.getcwd(), name))
    facts = {"subject": name[-LINE_WIDTH:], "folder": folder[-LINE_WIDTH:]}
    try:
        with os.scandir(folder) as entries:
            there = [each.name for each, _ in zip(entries, range(MAX_ENTRIES)) if not each.name.startswith(".")]
    except OSError:
        facts["noFolder"] = True
        return facts
    facts["near"] = near(os.path.basename(name), there)
    facts["entries"] = [each[:TEXT_WIDTH] for each in sorted(there)[:MAX_SHOWN]]
    facts["count"] = len(there)
    return facts


def module_facts(error, scene, path):
    name = name_in(error, scene)
    facts = {"subject": name, "near": near(name, getattr(sys, "stdlib_module_names", ())) if name else None}
    if name and not isinstance(error, ModuleNotFoundError):
        module = sys.modules.get(name)
        words = (message_of(error) or "").split("'")
        if type(module) is type(sys) and len(words) > 1:
            facts["near"] = near(words[1], list(vars(module)))
            facts["wanted"] = words[1][:TEXT_WIDTH]
    return facts


def recursion_facts(error, scene, path):
    calls = {}
    for each in path:
        code = each.tb_frame.f_code
        if is_own(code.co_filename):
            calls[code] = calls.get(code, 0) + 1
    code = max(calls, key=calls.get)
    first = next(each for each in path if each.tb_frame.f_code is code)
    facts = {"subject": code.co_name[:TEXT_WIDTH], "count": calls[code], "definedAt": code.co_firstlineno}
    inner = [each for each in path if each.tb_frame.f_code is code][1:3]
    values = []
    for name in code.co_varnames[: min(3, code.co_argcount)]:
        shown = [short(plain_dict(each.tb_frame.f_locals).get(name)) for each in (first, *inner)]
        if None not in shown and name != "self":
            values.append({"text": name[:TEXT_WIDTH], "values": [each[:20] for each in shown]})
    facts["calls"] = values or None
    return facts


def loop_facts(error, scene, path):
    """The loop around the line at which it was stopped, and the names in its condition."""
    indent = depth = width(scene.source(scene.line))
    for number in range(scene.line, max(0, scene.line - 500), -1):
        text = scene.source(number)
        if not text.strip() or (number != scene.line and width(text) >= indent):
            continue
        indent = width(text) if number != scene.line else depth
        if text.lstrip().startswith(("def ", "class ", "async def ")):
            return {}
        if text.lstrip().startswith(("while ", "while(", "for ")):
            facts = {"loop": {"line": number, "text": text.strip()[:LINE_WIDTH]}}
            tree = body_of(tree_of(text.strip().rstrip(":") + ": pass"))
            if isinstance(tree, _ast.While):
                names = dict.fromkeys(each.id for each in nodes(tree.test) if isinstance(each, _ast.Name))
                found = [{"text": name[:TEXT_WIDTH], **described(scene.value(_ast.Name(name))[0])} for name in list(names)[:4] if scene.value(_ast.Name(name))]
                facts["names"] = [each for each in found if "value" in each] or None
                facts["always"] = isinstance(tree.test, _ast.Constant) or None
            return facts
    return {}


def width(text):
    return len(text) - len(text.lstrip())


LOOKS = (
    (NameError, name_facts),
    (AttributeError, attribute_facts),
    (TypeError, type_facts),
    (IndexError, index_facts),
    (KeyError, key_facts),
    (ZeroDivisionError, division_facts),
    (UnicodeError, lambda error, scene, path: {}),
    (ValueError, value_facts),
    (RecursionError, recursion_facts),
    (KeyboardInterrupt, loop_facts),
    (ImportError, module_facts),
    (OSError, file_facts),
)


# What JSON has escaped; half a surrogate pair is when it is encoded.
ESCAPES = {number: f"\\u{number:04x}" for number in (*range(32), 34, 92)}
MAX_JSON = 3600
# What is left out first where there is too much.
LESS = ("entries", "keys", "calls", "before", "near", "arguments", "made", "base", "callee", "left", "right", "index", "source", "message")


def as_json(facts):
    for name in (None, *LESS):
        facts.pop(name, None)
        text = in_json(facts)
        if len(text.encode("utf-8", "backslashreplace")) <= MAX_JSON:
            return text
    return None


def in_json(value):
    if isinstance(value, str):
        return f'"{value.translate(ESCAPES)}"'
    if isinstance(value, dict):
        return "{" + ",".join(f"{in_json(name)}:{in_json(each)}" for name, each in value.items() if each is not None) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(map(in_json, value)) + "]"
    return repr(value).lower() if isinstance(value, (bool, int)) else "null"


def told(error, frames):
    """The facts in JSON; None where there are none."""
    try:
        return as_json(facts_about(error, frames))
    except Exception:
        return None  # the frames and values are the program's: they may be anything
