"""Statements of the prompt: when a text is whole, what a pasted text means, and its code."""

import codeop
import sys

import ordinary_start

FILE = "<stdin>"
INDENT = "    "
compiler = codeop.CommandCompiler()


def with_warnings(function, *arguments):
    """codeop keeps quiet what the first of its tries would warn of, and looks for the module by its name."""
    theirs = sys.modules.get("warnings")
    sys.modules["warnings"] = codeop.warnings
    try:
        return function(*arguments)
    finally:
        if theirs is None:
            del sys.modules["warnings"]
        else:
            sys.modules["warnings"] = theirs


def without_last_indent(source):
    """The indentation of a line that has nothing else is no part of the text."""
    lines = source.split("\n")
    if not lines[-1].strip():
        lines[-1] = ""
    return "\n".join(lines)


def wants_more(source):
    """Whether Enter begins another line rather than run the text."""
    source = without_last_indent(source)
    try:
        return with_warnings(compiler, source, FILE, "single") is None
    except (OverflowError, SyntaxError, ValueError, MemoryError, RecursionError):
        if "\n" not in source.strip("\n"):
            return False
    # There may be several statements.
    try:
        whole = with_warnings(compiler, source, FILE, "exec") is not None
    except (OverflowError, SyntaxError, ValueError, MemoryError, RecursionError):
        return False
    return not whole or source.rpartition("\n")[2][:1] in (" ", "\t")


def code_of(source):
    """The code of a text with any number of statements; each shows its value. Errors of syntax are raised before any of it runs."""
    source = without_last_indent(source)
    try:
        code = with_warnings(compiler, source, FILE, "single")
        if code is not None:
            return code
    except SyntaxError:
        if "\n" not in source.strip("\n"):
            raise
    # compiler.compiler knows what `from __future__` has switched on.
    features = compiler.compiler.flags & ~PARSER_FLAGS
    tree = compile(source + "\n", FILE, "exec", features | ONLY_AST, True)
    # Imported when it is needed: it takes as much memory as all that is ours.
    code = compile(ordinary_start.import_privately("_ast").Interactive(tree.body), FILE, "single", features, True)
    for feature in codeop._features:
        if code.co_flags & feature.compiler_flag:
            compiler.compiler.flags |= feature.compiler_flag
    return code


# What codeop asks of the parser, for texts that are not whole.
PARSER_FLAGS = 0x200 | 0x4000
ONLY_AST = 0x400


def indent_after(before):
    """The indentation of the line after this text."""
    line = before.rpartition("\n")[2]
    indent = line[:len(line) - len(line.lstrip())]
    if before.count('"""') % 2 or before.count("'''") % 2:
        return ""
    code = line.partition("#")[0].rstrip()
    return indent + INDENT if code.endswith((":", "(", "[", "{")) else indent


def pasted(text):
    """A pasted text without the prompts of Python and the answers between them, and without what all lines are indented by."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = text.split("\n")
    first = next((number for number, line in enumerate(lines) if line.strip()), None)
    if first is None:
        return text
    if lines[first].lstrip().startswith(">>>"):
        return "\n".join(without_prompts(lines[first:]))
    return without_common_indent(lines)


def without_prompts(lines):
    for line in lines:
        line = line.lstrip()
        if line.startswith((">>> ", "... ")):
            yield line[4:]
        elif line.rstrip() in (">>>", "..."):
            yield ""


def without_common_indent(lines):
    full = [line for line in lines if line.strip()]
    indent = full[0][:len(full[0]) - len(full[0].lstrip())]
    if indent and all(line.startswith(indent) for line in full):
        return "\n".join(line[len(indent):] if line.strip() else "" for line in lines)
    # A selection that began within its first line.
    return "\n".join(lines)


def looks_pasted(text):
    """Whether a text that came fast has its own indentation, which nobody types at a prompt that indents."""
    text = pasted(text)
    try:
        compile(text + "\n", FILE, "exec", ONLY_AST, True)
        return True
    except (OverflowError, SyntaxError, ValueError, MemoryError, RecursionError):
        return is_indented(text)


def is_indented(text):
    """Whether a text has its own indentation: below each line that ends with a colon stands one that is further in."""
    open_at = None
    for line in text.split("\n"):
        code = line.strip()
        if not code or code.startswith("#"):
            continue
        column = len(line) - len(line.lstrip())
        if open_at is not None and column <= open_at:
            return False
        open_at = column if code.endswith(":") else None
    return True
