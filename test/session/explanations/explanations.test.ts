/** Each entry of the catalogue, for the errors of real programs under a real Python. */
import assert from "node:assert/strict";
import type { ErrorFacts } from "../../../src/runner/error-facts.ts";
import { briefly, explainError } from "../../../src/session/explanations/catalogue.ts";
import { factsOf } from "./facts-of.ts";

/** A program, and what its explanation says: all of it, in this order. */
type Case = readonly [program: string, ...says: string[]];

const cases: Readonly<Record<string, Case>> = {
  // Names
  "a name with a letter wrong": [
    "name = 1\nprint(nmae)",
    "does not know the name nmae",
    "looks like it: name",
    "If you mean name",
  ],
  "a name in other capitals": ["Name = 1\nprint(name)", "does not know the name name", "Capital and small letters"],
  "a name that nothing has": ["print(hello)", "does not know the name hello", 'put it in quotes: "hello"'],
  "a function below its call": ["go()\ndef go():\n    pass", "Line 2 makes it", "had not come there yet", "above"],
  "a module that is not imported": ["print(random.randint(1, 6))", "has not imported it", "import random"],
  "a function of a module": ["print(sqrt(2))", "in its module math", "from math import sqrt"],
  "a word of another language": ["x = true", "word for it is True"],
  "input of Python 2": ["x = raw_input()", "word for it is input"],
  "self that is no parameter": ["def f():\n    self.x = 1\nf()", "first parameter", "def f(self)"],
  "self that is left out": [
    "class A:\n    def __init__(self):\n        self.size = 1\n    def f(self):\n        return size\nA().f()",
    "through self",
    "self.size",
  ],
  "a local name without a value": [
    "count = 0\ndef up():\n    count += 1\nup()",
    "count has no value yet",
    "a name of this function alone",
    "There is also a count outside",
    "global count",
  ],
  "an attribute of None": [
    "x = [3, 1].sort()\nx.append(2)",
    "x is None, and None has no append",
    "Line 1 gives x a value",
  ],
  "a list that sort gave away": ["a = [3, 1]\na = a.sort()\nprint(a[0])", "a is None", "gives None"],
  "an attribute with a letter wrong": ["'a'.uper()", "has no uper", "upper"],
  "a method of another language": ["[].push(1)", "a list, which has no push", "Instead of push: append"],
  "an attribute that __init__ does not set": [
    "class Dog:\n    pass\nDog().name",
    "of the type Dog, which has no name",
    "self.name = ...",
  ],
  "a name that a module does not have": ["import math\nmath.squareroot(2)", "The module math has nothing"],
  "a name of a module with a letter wrong": ["import random\nrandom.randit(1, 2)", "It has randint", "random.randint?"],
  "a module that has to be installed": [
    "import seaborn",
    "not installed on this server",
    "Ask your teacher to install python3-seaborn",
  ],
  "a module with a letter wrong": ["import maht", "similar name: math", "import math?"],
  "a name that can't be imported": ["from math import sqroot", "math has no sqroot", "sqrt"],

  // Types
  "text and number": [
    "age = 3\nprint('I am ' + age)",
    "+ does not work between",
    "age is 3, a whole number",
    "str(age)",
  ],
  "number and text": [
    "age = '3'\nprint(1 + age)",
    "+ does not work between a whole number (int) and a text",
    "int(age)",
  ],
  "None and number": ["def f():\n    pass\nx = f()\nprint(x + 1)", "x is None", "why x is None"],
  "a comparison of text and number": [
    "age = '3'\nif age > 2:\n    pass",
    "which is larger",
    "age is '3'",
    "int(age)",
    "input()",
  ],
  "a list with a number added": ["a = [1]\na = a + 2", "+ does not work between a list", "append"],
  "a list that is called": [
    "a = [1]\nprint(a(0))",
    "can't be called like a function",
    "Line 1 gives a a value",
    "square brackets: a[...]",
  ],
  "a name of Python's that was given away": [
    "list = [1]\nlist('ab')",
    "this program has given that name",
    "another name for your own list",
  ],
  "a sign that is missing": ["x = 3\nprint(2(x + 1))", "can't be called", "* missing"],
  "a number with an index": ["x = 5\nprint(x[0])", "x is a whole number", "str(x)[0]"],
  "a function with an index": ["print(len['a'])", "has no items", "len(...)"],
  "a text as an index": ["a = [1]\ni = '0'\nprint(a[i])", "has to be a whole number", "int(i)"],
  "a float as an index": ["a = [1, 2]\nprint(a[len(a) / 2])", "has to be a whole number", "Use // instead of /"],
  "a text that is changed": [
    "s = 'abc'\ns[0] = 'x'",
    "s is a text",
    "can't be changed once it is made",
    "Make a new text",
  ],
  "a tuple that is changed": ["t = (1, 2)\nt[0] = 3", "t is a tuple", "Use a list"],
  "a loop over a number": ["n = 5\nfor i in n:\n    pass", "n is a whole number", "range(n)"],
  "a loop over None": ["def f():\n    pass\nfor i in f():\n    pass", "can't be gone through", "return"],
  "range of a float": ["n = 10\nfor i in range(n / 2):\n    pass", "range needs a whole number", "Divide with //"],
  "too many arguments": [
    "def f(a):\n    pass\nf(1, 2)",
    "too many values: it takes 1, and was given 2",
    "parameters (a) in line 1",
  ],
  "too few arguments": ["def area(a, b):\n    pass\narea(1)", "needs one more value: b", "parameters (a, b)"],
  "a method without self": [
    "class A:\n    def f():\n        pass\nA().f()",
    "lacks its first parameter, self",
    "def f(self)",
  ],
  "a method without self but with others": [
    "class A:\n    def f(x):\n        pass\na = A()\na.f(3)",
    "lacks its first parameter, self",
    "def f(self, x)",
  ],
  "a method of a class": ["class A:\n    def f(self):\n        pass\nA.f()", "called on the class", "A()"],
  "an object made with too little": [
    "class A:\n    def __init__(self, name):\n        pass\nA()",
    "needs one more value: name",
    "when an object is made",
  ],
  "a parameter that there is not": [
    "def f(size=1):\n    pass\nf(sice=2)",
    "no parameter that is called sice",
    "parameters (size)",
  ],
  "a list as a key": ["{[1]: 2}", "can't be a key", "tuple"],
  "the length of a number": ["n = 5\nlen(n)", "n is a whole number", "len(str(n))"],
  "a join of numbers": ["', '.join([1, 2])", "item 0 is a whole number", "str(each)"],
  "input with two texts": ["input('a', 'b')", "wrong number of values", "one text"],
  "two values to append": ["[].append(1, 2)", "wrong number of values", "extend"],

  // Values
  "int of a float's text": [
    "x = '3.5'\nint(x)",
    "'3.5' can't be read as a whole number",
    "what x holds",
    "decimal point",
    "float(x)",
  ],
  "int of nothing": ["int('')", "can't be read", "only pressed Enter"],
  "float with a comma": ["float('3,5')", "can't be read as a number", "not as a comma"],
  "too many values to unpack": ["p = [1, 2, 3]\na, b = p", "2 names to fill, and 3 values", "p is [1, 2, 3]"],
  "too few values to unpack": ["a, b, c = 'x y'.split()", "3 names to fill, and 2 values"],
  "a dictionary gone through with two names": ["for a, b in {'key': 1}:\n    pass", "2 names to fill", ".items()"],
  "an item that is not in the list": ["[1].remove(2)", "2 is not there", "if 2 in"],
  "the largest of nothing": ["a = []\nmax(a)", "nothing to choose from", "a is empty", "default=0"],
  "the root of a negative number": ["import math\nmath.sqrt(-1)", "no result for this number"],
  "a closed file": ["with open('main.py') as f:\n    pass\nf.read()", "closed already", "within the with block"],
  "JSON with single quotes": [
    "import json\njson.loads(\"{'a': 1}\")",
    "not valid JSON in its line 1, column 2",
    "double quotes",
  ],
  "JSON of nothing": ["import json\njson.loads('')", "not valid JSON", "empty"],
  "an index behind the end": [
    "numbers = [1, 2, 3]\ni = 3\nprint(numbers[i])",
    "numbers has no item at place 3",
    "i is 3",
    "a list with 3 items",
    "0 to 2",
    "numbers[2]",
  ],
  "an index in an empty list": ["a = []\nprint(a[0])", "a has no item at place 0", "an empty list", "append"],
  "an index in a text": ["s = 'ab'\nprint(s[5])", "s has no item", "a text with 2 characters"],
  "pop of nothing": ["[].pop()", "the list is empty"],
  "a choice of nothing": ["import random\nrandom.choice([])", "the list is empty"],
  "a key that there is not": [
    "ages = {'Ada': 36, 'Alan': 41}\nprint(ages['ada'])",
    "The dictionary ages has no key 'ada'",
    "keys are 'Ada', 'Alan'",
    "Did you mean 'Ada'",
    ".get('ada', 0)",
  ],
  "a key as a text": ["ages = {1: 'a'}\nk = '1'\nprint(ages[k])", "no key '1'", "k is '1'", "different keys", "int(k)"],
  "a division by zero": ["n = 0\nprint(10 / n)", "divided by n, which is 0", "if n != 0"],
  "a rest of a division by zero": ["print(10 % 0)", "divided by 0", "% divides"],
  "bytes that are no text": ["b'\\xff'.decode()", "no text in the encoding", "cp1252"],
  "an assert": ["x = 3\nassert x == 4, 'no'", "was to be true, and is not: x == 4", "It says: no"],
  "a number too large": ["print(2.0 ** 10000)", "too large"],
  "a range the wrong way round": ["import random\nrandom.randint(6, 1)", "wrong way round"],
  "a step of zero": ["range(1, 2, 0)", "step of 0"],

  // Running
  "a file that there is not": ["open('mian.py')", "no file mian.py", "main.py", "Did you mean main.py"],
  "a folder that there is not": ["open('data/x.txt')", "no folder", "data/x.txt"],
  "a folder that is opened": ["open('.')", "is a folder"],
  "no more input": ["input()", "none left to read", "Ctrl-D"],
  "a recursion without end": [
    "def f(n):\n    return f(n + 1)\nf(0)",
    "f() called itself again and again",
    "n was 0, then 1, then 2",
    "Each call has to come nearer",
  ],
  "an endless loop": [
    "i = 0\nwhile i < 10:\n    i = i\n    if i == 0:\n        raise KeyboardInterrupt",
    "in the loop of line 2: while i < 10:",
    "i was 0",
    "Does the loop change i",
  ],
  "an endless loop without a condition": ["while True:\n    raise KeyboardInterrupt", "while True:", "a break"],
  "a loop with many rounds": [
    "for i in range(10**9):\n    raise KeyboardInterrupt",
    "in the loop of line 1",
    "more rounds",
  ],
  memory: ["raise MemoryError", "more memory"],
  "next of nothing": ["next(iter([]))", "nothing left"],
  "a dictionary that changes": [
    "d = {1: 2}\nfor k in d:\n    d[k + 5] = 1",
    "while a loop went through it",
    "list(the_dictionary)",
  ],
  "an error of its own": ["class TooCold(Exception):\n    pass\nraise TooCold('brr')", "Python says: brr"],
  "an error with a text of its own": [
    "class Odd(Exception):\n    def __str__(self):\n        raise SystemExit\nraise Odd",
    "The error Odd ended the program",
  ],

  // The text
  "a missing colon": ["if True\n    pass", "A colon is missing", "if True:"],
  "a comparison with one sign": ["x = 1\nif x = 1:\n    pass", "To compare, Python has ==", "if x == 1:"],
  "an assignment the wrong way round": ["5 = x", "To compare, Python has ==", "The name stands on the left"],
  "a bracket that is never closed": ["print((1, 2)\nx = 3", "never closed", "Write )"],
  "a bracket too many": ["print(1))", "a ) too many"],
  "a bracket of another kind": ["print([1, 2)", "[ is closed with )", "Use ] instead"],
  "a text that is never closed": ["print('hello)", "no closing quote"],
  "an apostrophe in a text": ["print('it's')", "closing quote", "apostrophe"],
  "a long text that is never closed": ['x = """abc', "three quotes", "same three quotes"],
  "print of Python 2": ['print "hello"', "print needs parentheses", 'print("hello")'],
  "except of Python 2": [
    "try:\n    pass\nexcept ValueError, e:\n    pass",
    "as in Python 2",
    "except ValueError as e:",
  ],
  "raise of Python 2": ["raise ValueError, 'x'", "as in Python 2", "ValueError('x')"],
  "a block that is not indented": ["if True:\nprint(1)", "has to be indented", "Tab"],
  "a line with too many blanks": ["x = 1\n  y = 2", "more spaces than", "Shift-Tab"],
  "a line with odd blanks": ["if True:\n    x = 1\n  y = 2", "no line above has"],
  "tabs and blanks": ["if True:\n        x = 1\n\ty = 2", "begin with tabs", "Shift-Tab"],
  "a no-break space": ["x =\u00a01", "not an ordinary space", "ordinary space"],
  "an invisible character": ["x = 1\u200b", "can't be seen in this line (U+200B)", "delete it"],
  "smart quotes": ["print(“hello”)", "the character “", 'Type "'],
  "a minus of a word processor": ["x = 3 − 1", "the character −", "Type -"],
  "a command of IPython": ["%matplotlib inline", "%matplotlib is a command of notebooks", "plt.show()"],
  "a shell command of IPython": ["!pip install numpy", "!pip is a command of notebooks", "ask your teacher"],
  "the prompt's signs": [">>> x = 1", "is what Python's prompt shows"],
  "return outside of a function": ["return 1", "only works inside a function", "def above"],
  "break outside of a loop": ["if True:\n    break", "only works inside a loop"],
  "else if": ["if True:\n    pass\nelse if False:\n    pass", "is elif"],
  "a plus too many": ["i = 0\ni++", "Python has no ++", "i += 1"],
  "signs of other languages": ["if True && False:\n    pass", "no &&. It is written and"],
  "not of other languages": ["if !True:\n    pass", "no !. It is written not"],
  "a block in curly brackets": ["if (True) {\n    pass\n}", "no { } around blocks"],
  "a word with a letter wrong": ["whlie True:\n    pass", "whlie looks like while"],
  "a capital": ["For i in range(3):\n    pass", "For looks like for"],
  "a word of Python's as a name": ["class = 3", "class is a word of Python's own"],
  "a comma that is missing": ["x = [1 2]", "nothing between them", "comma"],
  "a name that begins with a digit": ["2players = 3", "begins with a digit"],
  "a number with a zero": ["x = 007", "can't begin with 0"],
  "a path of Windows": ['open("C:\\Users\\x")', "special character", "Use / instead"],
  "parameters in a wrong order": ["def f(a=1, b):\n    pass", "come last"],
  "values in a wrong order": ["f(a=1, 2)", "come last"],
  "global too late": ["def f():\n    x = 1\n    global x", "comes too late"],
  "try alone": ["try:\n    x = 1\nprint(1)", "needs an except"],
  "a backslash": ["x = 4 \\ 2", "the line has to end", "/"],
  "something else": ["x = * 2 3 )", ""],
};

const briefs: Readonly<Record<string, string>> = {
  "print 'a'": "print needs parentheses",
  "if 1\n  pass": "a colon is missing",
  "x =\u00a01": "there is a space in it that is not an ordinary one",
  "%pylab": "%pylab works in notebooks only",
  "!ls": "!ls works in notebooks only",
  "if 1:\n        x = 1\n\ty = 2": "tabs and spaces are mixed at its start",
  "raw_input()": "Python's word for raw_input is input",
};

describe("an explanation", () => {
  let facts: ReadonlyMap<string, ErrorFacts | undefined>;
  before(async () => {
    const programs = [...Object.values(cases).map(([program]) => program), ...Object.keys(briefs)];
    const found = await factsOf(programs);
    facts = new Map(programs.map((program, at) => [program, found[at]]));
  });

  for (const [name, [program, ...says]] of Object.entries(cases))
    it(`helps with ${name}`, () => {
      const found = explainError(facts.get(program));
      assert.ok(found, JSON.stringify(facts.get(program)));
      const text = [found.what, ...(found.why ?? []), ...found.tries].join("\n");
      let from = 0;
      for (const part of says) {
        const at = text.indexOf(part, from);
        assert.ok(at >= 0, `"${part}" is not in\n${text}\nof ${JSON.stringify(facts.get(program))}`);
        from = at;
      }
      assert.doesNotMatch(text, /undefined|NaN|\[object/);
      assert.ok(found.tries.length > 0, text);
    });

  for (const [program, words] of Object.entries(briefs))
    it(`has a few words for the sentence after the run: ${JSON.stringify(program)}`, () => {
      assert.equal(briefly(facts.get(program)), words);
    });
});
