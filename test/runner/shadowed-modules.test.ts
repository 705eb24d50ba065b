/** When an error comes from a file that is imported instead of one of Python's modules, a sentence names the file. */
import assert from "node:assert/strict";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Lab } from "./support.ts";

/** The program, the files beside it, and what the sentence begins with; undefined for no sentence. */
const cases: readonly (readonly [
  name: string,
  program: string,
  files: Readonly<Record<string, string>>,
  begin?: string,
])[] = [
  [
    "a name that it lacks",
    "import random\nprint(random.randint(1, 1))\n",
    { "random.py": "x = 1\n" },
    "random.py in your folder",
  ],
  [
    "from ... import",
    "from math import pi\nfrom statistics import mean\n",
    { "statistics.py": "" },
    "statistics.py in your folder",
  ],
  ["the library needs it", "import tempfile\n", { "random.py": "x = 1\n" }, "random.py in your folder"],
  ["a part of it", "import json.decoder\n", { "json.py": "" }, "json.py in your folder"],
  ["a package", "import email\nemail.message_from_string('')\n", { "email/__init__.py": "" }, "The folder email"],
  [
    "another error was caused by it",
    "try:\n    import queue\n    queue.Queue\nexcept AttributeError as error:\n    raise RuntimeError('no queue') from error\n",
    { "queue.py": "" },
    "queue.py in your folder",
  ],
  [
    "it imports itself",
    "import turtle_race\n",
    { "turtle_race.py": "import turtle\n", "turtle.py": "import turtle\nturtle.forward(10)\n" },
    "turtle.py in your folder",
  ],
  ["a module of one's own that lacks a name", "import helper\nhelper.missing\n", { "helper.py": "" }],
  ["Python's own that lacks a name", "import math\nmath.tau2\n", {}],
  ["a file that works", "import random\nprint(random.x)\n1 / 0\n", { "random.py": "x = 1\n" }],
  ["a module that does not exist", "import nothing_like_it\n", { "random.py": "x = 1\n" }],
  ["an attribute of an object", "'a'.missing\n", { "string.py": "" }],
  [
    "an object that answers with errors",
    "class Odd(AttributeError):\n    obj = property(lambda self: 1 / 0)\nraise Odd('x')\n",
    { "random.py": "" },
  ],
];

describe("a file that is imported instead of one of Python's modules", () => {
  let lab: Lab;
  before(async () => {
    lab = await Lab.open();
  });
  after(() => lab[Symbol.asyncDispose]());

  const folder = (): string => join(lab.directory, "files/Local/ada/work");

  for (const [name, program, files, begin] of cases) {
    it(`${begin === undefined ? "is not blamed" : "is named"}: ${name}`, async () => {
      await rm(folder(), { recursive: true, force: true });
      for (const [file, text] of Object.entries({ "main.py": program, ...files })) {
        await mkdir(join(folder(), file, ".."), { recursive: true });
        await writeFile(join(folder(), file), text);
      }
      const end = await lab.run("work/main.py");
      assert.deepEqual(end.outcome, { kind: "exited", status: 1 });
      const lines = end.stderr.trimEnd().split("\n");
      if (begin === undefined) return assert.doesNotMatch(end.stderr, /instead of/);
      const what = begin.startsWith("The folder") ? "folder" : "file";
      assert.match(
        lines.at(-1) ?? "",
        new RegExp(`^classh: ${begin} is imported instead of Python's own module "\\w+"\\. Rename your ${what}\\.$`),
      );
      assert.match(lines.at(-2) ?? "", /Error: /, "after Python's own words");
    });
  }

  it("is named when the program itself is called so, in the console and at the prompt", async () => {
    await rm(folder(), { recursive: true, force: true });
    await mkdir(folder());
    await writeFile(join(folder(), "random.py"), "import random\nprint(random.randint(1, 6))\n");
    const sentence = `random.py in your folder is imported instead of Python's own module "random". Rename your file.`;
    await using console = lab.console();
    await console.runToEnd("work/random.py");
    assert.match(console.plainText, /AttributeError: [^\n]*\n[^]*random\.py in your folder/);
    assert.ok(console.text.includes(`\r\n${sentence}\r\n`), console.text);
    assert.ok((await console.type("from random import choice")).includes(`\r\n${sentence}\r\n`), console.text);
    assert.ok(!(await console.type("1 / 0")).includes(sentence));
  });

  it("is named for a module that is installed, too", async () => {
    await rm(folder(), { recursive: true, force: true });
    await mkdir(join(folder(), "library"), { recursive: true });
    await writeFile(join(folder(), "library/yaml.py"), "def load(text):\n    return text\n");
    await writeFile(join(folder(), "yaml.py"), "");
    const program = "import sys\nsys.path.append('/home/ada/work/library')\nimport yaml\nyaml.load('x')\n";
    await writeFile(join(folder(), "main.py"), program);
    const { stderr } = await lab.run("work/main.py");
    const sentence = 'yaml.py in your folder is imported instead of the installed module "yaml". Rename your file.';
    assert.ok(stderr.endsWith(`\nclassh: ${sentence}\n`), stderr);
  });
});
