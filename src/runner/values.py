"""Describes values in a few words without calling code of the program's: its classes may answer with anything, or never.

What Python's own types are is read by their own methods. Of another value only its type is told, unless `call_theirs` says how to call
its __repr__: see copies.py.
"""

import types

WIDTH, NAME_WIDTH = 120, 60
MAX_DEPTH, MAX_ITEMS = 6, 100
# Bits of integers that are written out: a few hundred digits, or a few thousand where there is room; more take seconds.
MIN_BITS, MAX_BITS = 2000, 14000

name_of_class = type.__dict__["__name__"].__get__
order_of_class = type.__dict__["__mro__"].__get__
contents_of_class = type.__dict__["__dict__"].__get__

Missing = object()
slot_member, attribute_getter = types.MemberDescriptorType, types.GetSetDescriptorType


def class_name(kind):
    return name_of_class(kind)[:NAME_WIDTH]


def type_name(value):
    return class_name(type(value))


def provider(kind, attribute):
    """The class that `attribute` of an instance of `kind` comes from."""
    for each in order_of_class(kind):
        if attribute in contents_of_class(each):
            return each
    return None


def base_of(value, kinds):
    """The first of Python's own `kinds` that the value is an instance of, whatever the value's class says about itself."""
    for each in order_of_class(type(value)):
        if each in kinds:
            return each
    return None


SIZED = (str, list, tuple, dict, set, frozenset, bytes, bytearray, range)


def length_of(value):
    """None for what has no length, or one that only the program's own code knows."""
    base = base_of(value, SIZED)
    return None if base is None else base.__len__(value)


def attributes_of(value):
    """What an object has in itself: pairs of names and values."""
    found = []
    for kind in order_of_class(type(value)):
        for name, member in contents_of_class(kind).items():
            if type(name) is not str:
                continue
            if type(member) is slot_member:
                try:
                    found.append((name, member.__get__(value)))
                except AttributeError:
                    pass  # not set
            elif name == "__dict__" and type(member) is attribute_getter:
                inside = member.__get__(value)
                if issubclass(type(inside), dict):
                    found.extend((key, each) for key, each in first_items(dict.items(inside)) if type(key) is str)
    return found


def first_items(items, count=10 * MAX_ITEMS):
    """They may change while we look, by another thread."""
    found = []
    try:
        for each in items:
            if len(found) == count:
                break
            found.append(each)
    except RuntimeError:
        pass
    return found


def fitted(text, width):
    return text if len(text) <= width else text[: width - 1] + "…"


class Description:
    """The text of one value, of at most `width` characters."""

    def __init__(self, width=WIDTH, call_theirs=None):
        self.width = width
        self.call_theirs = call_theirs
        # Whether the text would say more if code of the program's could be called.
        self.lacks = False
        self.parts = []
        self.length = 0
        self.within = []

    def of(self, value):
        self.write(value)
        return fitted("".join(self.parts), self.width)

    @property
    def full(self):
        return self.length > self.width

    def add(self, text):
        self.parts.append(text)
        self.length += len(text)

    def write(self, value):
        if value is None:
            self.add("None")
            return
        owner = provider(type(value), "__repr__")
        write = WRITERS.get(owner)
        if write:
            write(self, value)
        else:
            self.write_theirs(value, owner)

    def write_theirs(self, value, owner):
        if owner is object:
            self.add(f"<{type_name(value)} object>")
            return
        text = None
        if self.call_theirs:
            text = self.call_theirs(repr, value)
        else:
            self.lacks = True
        self.add(" ".join(text.split()) if type(text) is str else f"<{type_name(value)} object>")

    def write_int(self, value):
        bits = int.bit_length(value)
        if bits > max(MIN_BITS, min(MAX_BITS, 3 * self.width)):
            self.add(f"an int of about {bits * 30103 // 100000 + 1} digits")
        else:
            self.add(int.__repr__(value))

    def write_range(self, value):
        if max(map(int.bit_length, (value.start, value.stop, value.step))) > MIN_BITS:
            self.add("<range object>")
        else:
            self.add(range.__repr__(value))

    def write_text(self, value):
        base = base_of(value, (str, bytes, bytearray))
        self.add(base.__repr__(base.__getitem__(value, slice(0, self.width + 1))))

    def write_sequence(self, value):
        base = base_of(value, (list, tuple))
        begin, end = ("[", "]") if base is list else ("(", ",)" if tuple.__len__(value) == 1 else ")")
        self.write_items(value, begin, base.__getitem__(value, slice(0, MAX_ITEMS)), end)

    def write_set(self, value):
        base = base_of(value, (set, frozenset))
        if not base.__len__(value):
            self.add(f"{base.__name__}()")
            return
        begin, end = ("{", "}") if base is set else ("frozenset({", "})")
        self.write_items(value, begin, first_items(base.__iter__(value), MAX_ITEMS), end)

    def write_dict(self, value):
        self.write_items(value, "{", first_items(dict.items(value), MAX_ITEMS), "}", self.write_pair)

    def write_pair(self, pair):
        self.write(pair[0])
        self.add(": ")
        self.write(pair[1])

    def write_items(self, value, begin, items, end, write=None):
        if len(self.within) == MAX_DEPTH or any(each is value for each in self.within):
            self.add(f"{begin}...{end[-1]}")
            return
        self.within.append(value)
        self.add(begin)
        for number, each in enumerate(items):
            if self.full:
                break
            if number:
                self.add(", ")
            (write or self.write)(each)
        self.add(end)
        self.within.pop()

    def write_function(self, value):
        self.add(signature(value))

    def write_class(self, value):
        self.add(f"class {class_name(value)}")

    def write_constant(self, value):
        """By what Python's own type says."""
        self.add(provider(type(value), "__repr__").__repr__(value))

    def write_kind(self, value):
        self.add(f"<{type_name(value)}>")

    def write_module(self, value):
        name = contents_of_module(value).get("__name__")
        self.add(f"module {name[:NAME_WIDTH]}" if type(name) is str else "module")


contents_of_module = types.ModuleType.__dict__["__dict__"].__get__


def signature(function):
    """As it is written, without what the parameters stand for."""
    code = function.__code__
    names = code.co_varnames
    count = code.co_argcount
    parts = list(names[:count])
    end = count + code.co_kwonlyargcount
    if code.co_flags & 4:
        parts.append(f"*{names[end]}")
        end += 1
    elif code.co_kwonlyargcount:
        parts.append("*")
    parts.extend(names[count : count + code.co_kwonlyargcount])
    if code.co_flags & 8:
        parts.append(f"**{names[end]}")
    return fitted(f"{code.co_name}({', '.join(parts)})", WIDTH)


WRITERS = {
    int: Description.write_int,
    range: Description.write_range,
    type: Description.write_class,
    types.FunctionType: Description.write_function,
    types.ModuleType: Description.write_module,
    dict: Description.write_dict,
    **dict.fromkeys((str, bytes, bytearray), Description.write_text),
    **dict.fromkeys((list, tuple), Description.write_sequence),
    **dict.fromkeys((set, frozenset), Description.write_set),
    **dict.fromkeys((bool, float, complex, type(...), type(NotImplemented)), Description.write_constant),
    **dict.fromkeys(
        (types.BuiltinFunctionType, types.GeneratorType, types.CoroutineType, types.MethodType), Description.write_kind
    ),
}
