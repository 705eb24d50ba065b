/** Tracebacks in colour: as Python 3.13 has them, on a terminal only, and without another letter. */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
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
  "escapes in a message": "raise ValueError('\\x1b[31mred')\n",
  "a stream of its own": "import sys, io\nsys.stderr = io.StringIO()\n1 / 0\n",
};

describe("a traceback on a terminal", () => {
  let lab: Lab;
  before(async () => {
    lab = await Lab.open({ runner: { promptAfterError: false } });
  });
  after(() => lab[Symbol.asyncDispose]());

  const shown = async (text: string): Promise<string> => {
    await writeFile(join(lab.directory, "files/Local/ada/main.py"), text);
    await using console = lab.console();
    await console.runToEnd("main.py");
    await console.reaches("failed");
    return console.text;
  };
  const letters = (text: string): string => text.replaceAll(/\x1b\[[\d;]*m|\r/g, "");

  for (const [name, text] of Object.entries(programs)) {
    it(`has the letters of python3's: ${name}`, async () => {
      const coloured = letters(await shown(text));
      const { stderr } = await lab.run("main.py");
      assert.doesNotMatch(stderr.replaceAll("\x1b[31mred", ""), /\x1b/);
      assert.ok(coloured.includes(letters(stderr)), `${coloured}\nis not\n${stderr}`);
    });
  }

  it("has the colours of Python 3.13", async () => {
    const text = await shown(programs["an error in a function"] ?? "");
    assert.ok(
      text.includes('  File \x1b[35m"/home/ada/main.py"\x1b[0m, line \x1b[35m2\x1b[0m, in \x1b[35marea\x1b[0m\r\n'),
      text,
    );
    assert.ok(text.includes("    return side * \x1b[1;31msid\x1b[0m\r\n"), text);
    assert.ok(text.includes("                  \x1b[1;31m^^^\x1b[0m\r\n"), text);
    assert.ok(text.includes("\x1b[1;35mNameError\x1b[0m: \x1b[35mname 'sid' is not defined"), text);
  });

  for (const [name, text] of Object.entries({
    "where the program asks for none": "import os\nos.environ['NO_COLOR'] = '1'\n1 / 0\n",
    "where the program shows its errors itself":
      "import sys\nsys.excepthook = lambda *error: print(error[0].__name__, error[1])\n1 / 0\n",
  }))
    it(`has no colours ${name}`, async () => {
      const printed = await shown(text);
      assert.match(printed, /ZeroDivisionError:? division by zero/);
      assert.doesNotMatch(printed, /\x1b\[(1;)?3[15]m/);
    });
});
