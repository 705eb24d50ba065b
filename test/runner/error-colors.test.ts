/** Tracebacks in colour: as Python 3.13 has them, on a terminal only, and without another letter. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Lab } from "./support.ts";

const programs: Readonly<Record<string, string>> = {
  "an error in a function": "def area(side):\n    return side * sid\n\narea(3)\n",
  "an operator in the middle of a line": "x = 3\nprint('a' + x, 'é' * 3)\n",
  "a mistake in the text": "print((1, 2)\n",
  "an error with causes":
    "try:\n    {}['x']\nexcept KeyError as error:\n    raise ValueError('no\\n  File \"x\", line 3, in y\\n    z\\n    ^') from error\n",
  "a group": "raise ExceptionGroup('several', [ValueError(1), TypeError('a: b')])\n",
  "a recursion": "def f(n):\n    return f(n + 1)\nf(0)\n",
  "a message without words": "raise KeyboardInterrupt\n",
  "a class within a function": "def f():\n    class Odd(Exception): pass\n    raise Odd('so: it is')\nf()\n",
  "a note": "error = ValueError('x')\nerror.add_note('Traceback (of mine)\\n  File \"y\", line 3')\nraise error\n",
  "escapes in a message": "raise ValueError('\\x1b[31mred')\n",
};

/** What Python prints of each program's error, without colours and with ours. */
const driver = `
import io, json, sys
sys.path.insert(0, sys.argv[1])
import error_colors
for text in json.load(sys.stdin):
    try:
        exec(compile(text, "main.py", "exec"), {"__name__": "__main__"})
    except BaseException as error:
        plain = sys.stderr = io.StringIO()
        sys.__excepthook__(type(error), error, error.__traceback__.tb_next)
        sys.stderr = sys.__stderr__
        print(json.dumps([plain.getvalue(), error_colors.coloured(plain.getvalue())]))
`;

describe("a traceback in colour", () => {
  let printed: readonly (readonly [plain: string, coloured: string])[];
  before(async () => {
    const sources = fileURLToPath(new URL("../../src/runner", import.meta.url));
    const text = await new Promise<string>((resolve, reject) => {
      const child = execFile("/usr/bin/python3", ["-B", "-c", driver, sources], (error, stdout) =>
        error ? reject(error) : resolve(stdout),
      );
      child.stdin?.end(JSON.stringify(Object.values(programs)));
    });
    printed = text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as [string, string]);
  });

  for (const [at, name] of Object.keys(programs).entries())
    it(`has the letters of python3's: ${name}`, () => {
      const [plain, coloured] = printed[at] ?? assert.fail();
      assert.equal(plain.includes("\x1b") ? coloured : coloured.replaceAll(/\x1b\[[\d;]*m/g, ""), plain);
      if (!plain.includes("\x1b")) assert.match(coloured, /\x1b\[1;35m/);
    });
});

describe("a traceback on a terminal", () => {
  let lab: Lab;
  before(async () => {
    lab = await Lab.open({ runner: { spareJails: false } });
  });
  after(() => lab[Symbol.asyncDispose]());

  const shown = async (text: string): Promise<string> => {
    await writeFile(join(lab.directory, "files/Local/ada/main.py"), text);
    await using console = lab.console();
    await console.runToEnd("main.py");
    return console.text;
  };

  it("has the colours of Python 3.13", async () => {
    const text = await shown(programs["an error in a function"] ?? "");
    assert.ok(
      text.includes(
        '  File \x1b[35m"/home/ada/main.py"\x1b[0m, line \x1b[35m2\x1b[0m, in \x1b[35marea\x1b[0m\r\n' +
          "    return side * \x1b[1;31msid\x1b[0m\r\n                  \x1b[1;31m^^^\x1b[0m\r\n" +
          "\x1b[1;35mNameError\x1b[0m: \x1b[35mname 'sid' is not defined",
      ),
      text,
    );
  });

  for (const [name, text] of Object.entries({
    "where the program asks for none": "import os\nos.environ['NO_COLOR'] = '1'\n1 / 0\n",
    "where the program shows its errors itself":
      "import sys\nsys.excepthook = lambda *error: print(error[0].__name__, error[1])\n1 / 0\n",
    "where the program has put something else in the terminal's place":
      "import sys\nclass Stream:\n    write = sys.stderr.write\n    flush = sys.stderr.flush\nsys.stderr = Stream()\n1 / 0\n",
  }))
    it(`has no colours ${name}`, async () => {
      const printedText = await shown(text);
      assert.match(printedText, /ZeroDivisionError:? division by zero/);
      assert.doesNotMatch(printedText, /\x1b\[(1;)?3[15]m/);
    });
});
