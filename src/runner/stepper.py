"""Runs a program step by step, and remembers the steps: one can go on into calls, over and out of them, and back.

A trace function stops at the lines of the program's own files, in its main thread, and waits for what the server says next. Of each step it
keeps where it was and what the variables were, within bounds: the latest steps. Going back shows what was kept; nothing is undone. Code of
the program's is never called for that: see values.py.
"""

import collections
import os
import sys

import outermost
from inquiry import PIECE
from messages import hear
from values import Description, attributes_of, base_of, class_name, length_of
from variables import group_of, in_json

MAX_STEPS, MAX_CHARACTERS = 10_000, 8 << 20
MAX_NAMES, MAX_FRAMES, MAX_NAME = 60, 50, 60
WIDTH = 100
# Parts of a line that Python runs as functions of their own.
INNER = ("<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>")
FIXED = (int, float, bool, str, bytes, type(None))


class Place:
    """One call of a function of the program's, or the program itself."""

    def __init__(self, frame, caller, called_from, depth, main):
        code = frame.f_code
        self.name = "the program" if code.co_name == "<module>" else code.co_name[:MAX_NAME]
        self.file = code.co_filename
        # Whether its variables are those of the program.
        self.main = code.co_name == "<module>" and frame.f_globals is main
        self.caller, self.called_from, self.depth = caller, called_from, depth
        # The caller's variables at the call.
        self.callers = caller.variables if caller else ()
        self.variables = ()
        self.known = {}


class Step:
    __slots__ = ("place", "line", "variables", "shared", "event", "message", "size")


class Stepper:
    def __init__(self, word, mark, main, options):
        self.word, self.mark, self.main = word, mark, main.__dict__
        self.folders = tuple(options["folders"])
        self.steps = collections.deque()
        # Number of the first step that is kept, and of the one that is shown.
        self.first = self.shown = 0
        # Which of its calls is looked at: 0 for the innermost.
        self.frame = 0
        self.size = 0
        self.stack = []
        self.goal = {"do": "in"}
        self.depth = 0
        self.shared = ()
        self.known = {}
        self.theirs = {}
        self.process = os.getpid()
        self.fault = None
        outermost.suspended = self.call

    def traced(self, code):
        """Whether a function is the program's own, and one that people see as such."""
        known = self.theirs.get(code.co_filename)
        if known is None:
            file = code.co_filename
            known = file.startswith(self.folders) and "/site-packages/" not in file
            self.theirs[file] = known
        return known and code.co_name not in INNER

    def call(self, frame, event, argument):
        try:
            if not self.traced(frame.f_code):
                return None
            caller = self.stack[-1] if self.stack else None
            place = Place(frame, caller, caller.line if caller else 0, len(self.stack), self.main)
            place.line = frame.f_lineno
            self.stack.append(place)
            return self.local
        except KeyboardInterrupt as error:
            self.interrupted(frame, error)
            raise

    def local(self, frame, event, argument):
        try:
            if event == "line":
                place = self.stack[-1]
                place.line = frame.f_lineno
                self.keep(frame, "line", "")
                if self.reached():
                    return self.wait(frame)
            elif event == "return":
                self.stack.pop()
            elif event == "exception" and self.fault is not argument[1]:
                kind = argument[0]
                if kind not in (StopIteration, GeneratorExit, StopAsyncIteration):
                    self.fault = argument[1]
                    self.keep(frame, "exception", in_a_line(argument[1]))
        except KeyboardInterrupt as error:
            self.interrupted(frame, error)
            raise
        return self.local

    def interrupted(self, frame, error):
        """Ctrl-C, while we look on. It goes on into the program, which Python then traces no more."""
        if self.stack and self.fault is not error:
            self.fault = error
            self.keep(frame, "exception", "KeyboardInterrupt")

    def reached(self):
        """Whether the step that was just kept is the one to stop at."""
        return fits(self.goal, self.steps[-1], self.depth)

    def keep(self, frame, event, message):
        place = self.stack[-1]
        step = Step()
        step.place, step.line, step.event, step.message = place, frame.f_lineno, event, message
        size = 0
        if frame.f_locals is not self.main:
            place.variables, size = described(frame.f_locals, place.known, place.variables, None)
        self.shared, more = described(self.main, self.known, self.shared, self.main)
        if place.main:
            place.variables = self.shared
        step.variables, step.shared = place.variables, self.shared
        step.size = size + more + 200
        self.steps.append(step)
        self.size += step.size
        while len(self.steps) > MAX_STEPS or self.size > MAX_CHARACTERS:
            self.size -= self.steps.popleft().size
            self.first += 1
        self.shown = self.first + len(self.steps) - 1

    @property
    def last(self):
        return self.first + len(self.steps) - 1

    def wait(self, frame):
        """At the latest step: lets the person look around until the program shall go on. Returns the trace function for that."""
        if os.getpid() != self.process:
            self.leave(frame)
            return None
        self.depth = self.stack[-1].depth
        self.goal = self.look(frame, False)
        if self.goal["do"] == "interrupt":
            raise KeyboardInterrupt
        if self.goal["do"] == "quit":
            self.leave(frame)
            return None
        return self.local

    def look(self, frame, ended):
        """Shows steps until one of the person's commands leads beyond the latest one; returns that."""
        answer = None
        self.frame = 0
        while True:
            self.tell(frame, ended, answer)
            answer = None
            command = hear(self.word, self.mark, "stepping")
            if command is None:
                return {"do": "quit"}
            do = command["do"]
            if do in ("quit", "interrupt"):
                return command
            if do not in ("frame", "value"):
                self.frame = 0
            if do == "frame":
                self.frame = command["index"]
            elif do == "back":
                self.shown = max(self.first, self.shown - 1)
            elif do == "latest":
                self.shown = self.last
            elif do == "value":
                answer = self.value_of(command["text"], frame)
            elif not self.forward(command) and not ended:
                return command

    def forward(self, command):
        """Goes on among the steps that are kept; False where they do not reach the goal."""
        depth = self.steps[self.shown - self.first].place.depth
        for number in range(self.shown + 1, self.last + 1):
            if fits(command, self.steps[number - self.first], depth):
                self.shown = number
                return True
        if self.shown == self.last:
            return False
        self.shown = self.last
        return True

    def tell(self, frame, ended, answer):
        step = self.steps[self.shown - self.first]
        before = self.steps[self.shown - self.first - 1] if self.shown > self.first else None
        frames = frames_of(step)
        self.frame = max(0, min(self.frame, len(frames) - 1))
        shown, more = entries(step, before, frames[self.frame] if self.frame else None)
        facts = {
            "step": self.shown + 1,
            "first": self.first + 1,
            "last": self.last + 1,
            "ended": ended,
            "file": step.place.file[:4096],
            "line": step.line,
            "event": step.event,
            "message": step.message,
            "stack": [{"name": place.name, "file": place.file[:4096], "line": line} for place, line, _ in frames],
            "frame": self.frame,
            "variables": shown,
            "more": more,
        }
        if answer:
            facts["answer"] = answer
        text = in_json(facts)
        for start in range(0, len(text), PIECE):
            self.mark(f"step;{'.' if start + PIECE >= len(text) else '+'};{text[start:start + PIECE]}")

    def leave(self, frame):
        """The program goes on as if nobody had traced it."""
        sys.settrace(None)
        while frame:
            frame.f_trace = None
            frame = frame.f_back
        self.goal = {"do": "quit"}

    def finish(self):
        """The program has ended: what was kept can still be seen, first of all where it failed."""
        outermost.end_trace()
        if not self.steps or self.goal["do"] == "quit" or os.getpid() != self.process:
            return
        for number in range(self.last, self.first - 1, -1):
            if self.fault is not None and self.steps[number - self.first].event == "exception":
                self.shown = number
                break
        self.look(None, True)

    def value_of(self, text, frame):
        step = self.steps[self.shown - self.first]
        if frame is not None and self.shown == self.last and not self.frame:
            return live_value(text, frame)
        variables = frames_of(step)[self.frame][2] if self.frame else step.variables
        for name, _, value, _ in (*variables, *step.shared):
            if name == text:
                return {"text": text, "value": value}
        return {"text": text, "value": ""}


def fits(goal, step, depth):
    do = goal["do"]
    if do == "in":
        return True
    if do == "over":
        return step.place.depth <= depth
    if do == "out":
        return step.place.depth < depth
    return do == "run" and step.line == goal["line"] and step.place.file == goal["file"]


def in_a_line(error):
    kind = type(error)
    arguments = BaseException.__dict__["args"].__get__(error)
    text = ""
    if len(arguments) == 1 and type(arguments[0]) is str:
        text = arguments[0]
    elif arguments:
        text = ", ".join(Description(WIDTH).of(each) for each in arguments)
    return f"{class_name(kind)}: {text[:200]}" if text else class_name(kind)


def described(variables, known, before, shared):
    """All in few words, as a tuple; the same one as before when nothing has changed. Also the characters that are new."""
    found, new = [], 0
    for name in list(variables):
        if type(name) is not str or name[:2] == "__" and name[-2:] == "__":
            continue
        try:
            value = variables[name]
        except KeyError:
            continue  # another thread has removed it
        kind = type(value)
        entry = known.get(name)
        if entry is not None and kind in FIXED and entry[1] is value:
            found.append(entry[0])
            continue
        if shared is not None and group_of(value, shared):
            continue
        length = length_of(value)
        now = (name, class_name(kind), Description(WIDTH).of(value), "" if length is None else str(length))
        if entry is not None and entry[0] == now:
            now = entry[0]
        else:
            new += len(now[0]) + len(now[2]) + 150
        # A value that can change is not kept: the program's own references decide when it ends.
        known[name] = (now, value if kind in FIXED else None)
        found.append(now)
        if len(found) > 4 * MAX_NAMES:
            break
    if len(found) == len(before) and all(map(is_same, found, before)):
        return before, 0
    return tuple(found), new + 8 * len(found)


def is_same(a, b):
    return a is b


def frames_of(step):
    """The calls, the innermost first: each with its line, and its variables as they were when it called the next."""
    found, place, line, variables = [], step.place, step.line, step.variables
    while place and len(found) < MAX_FRAMES:
        found.append((place, line, () if place.main else variables))
        place, line, variables = place.caller, place.called_from, place.callers
    return found


def entries(step, before, outer):
    """The variables of the innermost call, or of an outer one, then those of the program; with what has changed since the step before. Also
    how many there are beyond those."""
    def group(variables, old, scope):
        past = None if old is None else {each[0]: each for each in old}
        return [
            {
                "name": name[:MAX_NAME],
                "type": kind,
                "value": value,
                "length": length,
                "changed": past is not None and past.get(name) != (name, kind, value, length),
                "scope": scope,
            }
            for name, kind, value, length in variables[:MAX_NAMES]
        ]

    local, found = (), []
    if outer:
        local = outer[2]
        found += group(local, None, outer[0].name)
    elif step.variables is not step.shared:
        local = step.variables
        inner = before is not None and before.place is step.place
        found += group(local, None if before is None else before.variables if inner else (), step.place.name)
    found += group(step.shared, before and before.shared, "")
    return found, max(0, len(local) - MAX_NAMES) + max(0, len(step.shared) - MAX_NAMES)


class Unknown(Exception):
    """A value that can't be told without calling code of the program's."""


def live_value(text, frame):
    try:
        tree = compile(text.strip(), "<value>", "eval", 1024, dont_inherit=True).body
        value = evaluated(tree, frame)
    except Unknown as reason:
        return {"text": text, "value": "", "why": str(reason)}
    except Exception:
        return {"text": text, "value": ""}
    return {"text": text, "value": Description(300).of(value)}


def evaluated(node, frame):
    """Names, attributes, items, and arithmetic with small numbers: what Python's own types know."""
    kind = type(node).__name__
    if kind == "Constant":
        return node.value
    if kind == "Name":
        for scope in (frame.f_locals, frame.f_globals):
            if node.id in scope:
                return scope[node.id]
        raise Unknown(f"{node.id} has no value yet")
    if kind == "Attribute":
        for name, value in attributes_of(evaluated(node.value, frame)):
            if name == node.attr:
                return value
        raise Unknown("it would have to be computed")
    if kind == "Subscript":
        value, index = evaluated(node.value, frame), evaluated(node.slice, frame)
        base = base_of(value, (list, tuple, str, dict))
        if base is None or type(index) not in (int, str, bool):
            raise Unknown("it would have to be computed")
        try:
            return base.__getitem__(value, index)
        except (IndexError, KeyError, TypeError):
            raise Unknown("there is no such item") from None
    if kind == "Call" and type(node.func).__name__ == "Name" and node.func.id == "len" and len(node.args) == 1:
        length = length_of(evaluated(node.args[0], frame))
        if length is not None:
            return length
    if kind == "UnaryOp":
        value = evaluated(node.operand, frame)
        if type(value) in (int, float, bool):
            operation = {"USub": lambda: -value, "UAdd": lambda: +value, "Not": lambda: not value}.get(type(node.op).__name__)
            if operation:
                return operation()
    if kind == "BinOp":
        return combined(type(node.op).__name__, evaluated(node.left, frame), evaluated(node.right, frame))
    if kind == "Compare" and len(node.ops) == 1:
        return combined(type(node.ops[0]).__name__, evaluated(node.left, frame), evaluated(node.comparators[0], frame))
    if kind == "BoolOp":
        values = [evaluated(each, frame) for each in node.values]
        if all(type(each) is bool for each in values):
            return all(values) if type(node.op).__name__ == "And" else any(values)
    raise Unknown("it would have to be computed")


OPERATIONS = {
    "Add": lambda a, b: a + b,
    "Sub": lambda a, b: a - b,
    "Mult": lambda a, b: a * b,
    "Div": lambda a, b: a / b,
    "FloorDiv": lambda a, b: a // b,
    "Mod": lambda a, b: a % b,
    "Eq": lambda a, b: a == b,
    "NotEq": lambda a, b: a != b,
    "Lt": lambda a, b: a < b,
    "LtE": lambda a, b: a <= b,
    "Gt": lambda a, b: a > b,
    "GtE": lambda a, b: a >= b,
}


def combined(operation, a, b):
    texts = type(a) is str and type(b) is str and len(a) + len(b) < 10_000 and operation not in ("Mult", "Mod", "Div")
    numbers = all(type(each) in (int, float, bool) and (type(each) is float or each.bit_length() < 256) for each in (a, b))
    if operation not in OPERATIONS or not (texts or numbers):
        raise Unknown("it would have to be computed")
    try:
        return OPERATIONS[operation](a, b)
    except (ArithmeticError, TypeError):
        raise Unknown("that is an error") from None
