/** Texts that people paste at the prompt. */

export interface PastedText {
  readonly name: string;
  readonly text: string;
  /** The same as it would stand in a file, where that is something else. */
  readonly file?: string;
}

const lines = (...each: readonly string[]): string => each.join("\n");

export const pastedTexts: readonly PastedText[] = [
  { name: "an expression", text: "6 * 7" },
  { name: "an assignment and its value", text: lines("x = [1, 2]", "x") },
  { name: "several values", text: lines("1 + 1", "'two'", "None", "[3]") },
  { name: "a function", text: lines("def f(n):", "    return n + 1", "f(2)") },
  {
    name: "a function with empty lines",
    text: lines(
      "def f(n):",
      "    total = 0",
      "",
      "    for i in range(n):",
      "        total += i",
      "",
      "    return total",
      "",
      "f(5)",
    ),
  },
  {
    name: "a block and a statement right behind it",
    text: lines("for i in range(2):", "    print(i)", "print('end')"),
  },
  { name: "a block at the end", text: lines("n = 3", "while n:", "    print(n)", "    n -= 1") },
  {
    name: "else below if",
    text: lines("if 1 > 2:", "    print('a')", "elif 2 > 3:", "    print('b')", "else:", "    print('c')", "'d'"),
  },
  {
    name: "try with all its parts",
    text: lines(
      "try:",
      "    1 / 0",
      "except ZeroDivisionError as e:",
      "    print(e)",
      "else:",
      "    print('no')",
      "finally:",
      "    print('end')",
    ),
  },
  { name: "for with else", text: lines("for i in []:", "    pass", "else:", "    print('none')") },
  {
    name: "a class with empty lines",
    text: lines("class A:", "    x = 1", "", "    def m(self):", "        return self.x", "", "", "a = A()", "a.m()"),
  },
  {
    name: "a decorator",
    text: lines("def twice(f):", "    return lambda: f() * 2", "", "@twice", "def g():", "    return 21", "", "g()"),
  },
  { name: "a list of several lines", text: lines("x = [", "    1,", "    2,", "", "]", "sum(x)") },
  { name: "a dictionary", text: lines("d = {", "  'a': 1,", "  'b': [2,", "        3],", "}", "d['b'][1]") },
  { name: "a long string", text: lines('s = """one:', "two", "", '  three"""', "print(s)") },
  {
    name: "a docstring with a colon",
    text: lines("def f():", '    """Says:', "", "    nothing", '    """', "    return 1", "f.__doc__"),
  },
  { name: "a line that goes on", text: lines("x = 1 + \\", "    2", "x") },
  { name: "comments", text: lines("# first", "x = 1  # one:", "    # indented", "x", "# last") },
  {
    name: "a comment within a block",
    text: lines("for i in range(1):", "# at the margin", "    print(i)", "", "    # and the last", "print(2)"),
  },
  { name: "prompts", text: lines(">>> x = 4", ">>> x * 2", "8"), file: lines("x = 4", "x * 2") },
  {
    name: "prompts with a block and its output",
    text: lines(">>> for i in range(2):", "...     print(i)", "... ", "0", "1", ">>> 'end'", "'end'"),
    file: lines("for i in range(2):", "    print(i)", "", "'end'"),
  },
  {
    name: "indented prompts, as in a docstring",
    text: lines("    >>> def f():", "    ...     return 1", "    ...", "    >>> f()", "    1"),
    file: lines("def f():", "    return 1", "", "f()"),
  },
  {
    name: "an indented selection",
    text: lines("    x = 1", "    if x:", "        print('yes')", "", "    x"),
    file: lines("x = 1", "if x:", "    print('yes')", "", "x"),
  },
  {
    name: "an indented selection with tabs",
    text: lines("\tx = 1", "\tif x:", "\t\tprint('yes')"),
    file: lines("x = 1", "if x:", "\tprint('yes')"),
  },
  { name: "tabs", text: lines("for i in range(2):", "\tif i:", "\t\tprint(i)", "print('end')") },
  {
    name: "lines that end with CR LF",
    text: "def f():\r\n    x = 1\r\n\r\n    return x\r\nf()\r\n",
    file: lines("def f():", "    x = 1", "", "    return x", "f()"),
  },
  { name: "empty lines around", text: lines("", "", "x = 5", "", "", "x", "", "") },
  { name: "other letters", text: lines("größe = 'äöü 漢字 😀 e\u0301'", "größe", "len(größe)") },
  { name: "an error in the middle", text: lines("print('before')", "1 / 0", "print('after')") },
  { name: "an error in a function", text: lines("def f():", "    return undefined_name", "", "f()") },
  { name: "an error of syntax at the end", text: lines("print('not printed')", "x = = 1") },
  { name: "return outside of a function", text: lines("print('not printed')", "return 1") },
  {
    name: "imports",
    text: lines("import math", "from os.path import (", "    join,", ")", "math.floor(2.5), join('a', 'b')"),
  },
  { name: "semicolons", text: lines("x = 1; y = 2; x + y", "if x: print('one')", "y") },
  {
    name: "a generator and a comprehension",
    text: lines(
      "def g():",
      "    yield 1",
      "",
      "    yield 2",
      "",
      "[n * n for n in g()]",
      "{n: str(n)",
      " for n in g()}",
    ),
  },
  {
    name: "with",
    text: lines(
      "import io",
      "with io.StringIO('a\\nb') as f:",
      "    for line in f:",
      "        print(line.strip())",
      "",
      "f.closed",
    ),
  },
  {
    name: "a lambda and print without a line break",
    text: lines("double = lambda n: n * 2", "print(double(4), end='')", "print()"),
  },
  {
    name: "a program with a main function",
    text: lines("def main():", "    print('main')", "", "", "if __name__ == '__main__':", "    main()"),
  },
  {
    name: "async",
    text: lines(
      "import asyncio",
      "",
      "async def f():",
      "    await asyncio.sleep(0)",
      "    return 'done'",
      "",
      "asyncio.run(f())",
    ),
  },
  { name: "much", text: lines(...Array.from({ length: 300 }, (_, n) => `v${n} = ${n}`), "v299") },
];
