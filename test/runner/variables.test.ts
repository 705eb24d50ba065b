import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Variable, Variables, WholeValue } from "../../src/runner/variables.ts";
import { eventually } from "../support/eventually.ts";
import { Lab, type Transcript } from "./support.ts";

/** What a console tells of its variables. */
class Watch {
  reports = 0;
  last: Variables = { list: [], more: 0 };
  value: WholeValue | undefined;
  readonly console: Transcript;

  constructor(console: Transcript) {
    this.console = console;
    console.console.onVariables((variables) => {
      this.reports += 1;
      this.last = variables;
    });
    console.console.onValue((value) => {
      this.value = value;
    });
  }

  of(name: string): Variable | undefined {
    return this.last.list.find((each) => each.name === name);
  }

  shown(name: string): string | undefined {
    return this.of(name)?.value;
  }

  /** Types a line at the prompt, and waits for what is told then. */
  async type(line: string): Promise<string> {
    const before = this.reports;
    const printed = await this.console.type(line);
    await eventually(() => this.reports > before);
    return printed;
  }

  async whole(name: string): Promise<WholeValue> {
    this.value = undefined;
    this.console.console.askValue(name);
    await eventually(() => this.value !== undefined);
    assert.ok(this.value);
    return this.value;
  }
}

describe("the variables of a console", () => {
  let lab: Lab;

  before(async () => {
    lab = await Lab.open();
  });
  after(() => lab[Symbol.asyncDispose]());

  const program = async (name: string, text: string): Promise<string> => {
    await writeFile(join(lab.directory, "files/Local/ada", name), text);
    return name;
  };

  it("are told after a run and at each prompt, while somebody looks", async () => {
    await using console = lab.console();
    const watch = new Watch(console);
    console.console.showVariables(true);
    await console.runToEnd(
      await program(
        "kinds.py",
        [
          "import math, sys as system",
          "from random import choice",
          "name = 'Ada'; age = 36; pi = 3.5; found = None; ok = True",
          "numbers = list(range(1000)); ages = {'Ada': 36}; empty = set(); pair = (1,)",
          "text = 'line\\n\\x1b[31m\\u202e' + 'x' * 500; large = 10 ** 5000; both = []; both.append(both)",
          "class Point:\n    def __init__(self): self.x = 1",
          "def area(width, height=2, *others, colour, **more): pass",
          "point = Point(); steps = range(3); half = (n for n in [])",
          "",
        ].join("\n"),
      ),
    );
    await eventually(() => watch.reports > 0);
    const told = Object.fromEntries(
      watch.last.list.map((each) => [each.name, [each.type, each.value, each.length ?? "", each.group]]),
    );
    assert.deepEqual(told["name"], ["str", "'Ada'", "3", "variable"]);
    assert.deepEqual(told["age"], ["int", "36", "", "variable"]);
    assert.deepEqual(told["pi"], ["float", "3.5", "", "variable"]);
    assert.deepEqual(told["found"], ["NoneType", "None", "", "variable"]);
    assert.deepEqual(told["ok"], ["bool", "True", "", "variable"]);
    assert.deepEqual(told["ages"], ["dict", "{'Ada': 36}", "1", "variable"]);
    assert.deepEqual(told["empty"], ["set", "set()", "0", "variable"]);
    assert.deepEqual(told["pair"], ["tuple", "(1,)", "1", "variable"]);
    assert.deepEqual(told["both"], ["list", "[[...]]", "1", "variable"]);
    assert.deepEqual(told["point"], ["Point", "<Point object>", "", "variable"]);
    assert.deepEqual(told["steps"], ["range", "range(0, 3)", "3", "variable"]);
    assert.deepEqual(told["half"], ["generator", "<generator>", "", "variable"]);
    assert.deepEqual(told["large"], ["int", "an int of about 5001 digits", "", "variable"]);
    assert.match(told["numbers"]?.[1] ?? "", /^\[0, 1, 2, .*…$/);
    assert.equal(told["numbers"]?.[2], "1000");
    assert.match(told["text"]?.[1] ?? "", /^'line\\n\\x1b\[31m\\u202ex+…$/);
    assert.deepEqual(told["area"], ["function", "area(width, height, *others, colour, **more)", "", "here"]);
    assert.deepEqual(told["Point"], ["type", "class Point", "", "here"]);
    assert.equal(told["choice"]?.[3] === "imported" || told["choice"]?.[0] === "method", true);
    assert.deepEqual(told["math"], ["module", "module math", "", "module"]);
    assert.equal("__name__" in told || "__builtins__" in told, false);

    await watch.type("age += 1; extra = [age]");
    assert.equal(watch.shown("age"), "37");
    assert.equal(watch.shown("extra"), "[37]");
  });

  it("are told nothing of while nobody looks, and at once to who begins to look at a prompt", async () => {
    await using console = lab.console();
    const watch = new Watch(console);
    await console.runToEnd(await program("quiet.py", "x = 1\n"));
    assert.match(await console.type("y = 2"), /y = 2/);
    await console.promptShown();
    assert.equal(watch.reports, 0);
    // What is typed meanwhile is not lost.
    console.console.showVariables(true);
    console.console.write("z = ");
    await eventually(() => watch.reports === 1);
    assert.deepEqual(
      watch.last.list.map(({ name }) => name),
      ["x", "y"],
    );
    console.console.write("3\r");
    await eventually(() => watch.shown("z") === "3");
    console.console.showVariables(false);
    await console.promptShown();
    const before = watch.reports;
    assert.match(await console.type("print(z)"), /\n3\r\n/);
    assert.match(await console.type("print(z)"), /\n3\r\n/);
    assert.ok(watch.reports <= before + 1);
  });

  it("call the program's own code in a copy, for a moment", async () => {
    await using console = lab.console();
    const watch = new Watch(console);
    console.console.showVariables(true);
    await console.runToEnd(
      await program(
        "hostile.py",
        [
          "import os, sys, threading, time, datetime",
          "calls = 0",
          "class Good:\n    def __repr__(self):\n        global calls\n        calls += 1; print('printed'); seen.append(1); return f'Good\\x1b[2J {calls}'",
          "class Endless:\n    def __repr__(self):\n        while True: pass",
          "class Stubborn:\n    def __repr__(self):\n        while True:\n            try:\n                while True: pass\n            except BaseException: pass",
          "class Deep:\n    def __repr__(self): return 'x' * len(str(3 ** (10 ** 8)))",
          "class Sleeps:\n    def __repr__(self): time.sleep(1000)",
          "class Raises:\n    def __repr__(self): raise ValueError('no')",
          "class Exits:\n    def __repr__(self): os._exit(3)",
          "class Leaves:\n    def __repr__(self): sys.exit(3)",
          "class Kills:\n    def __repr__(self): os.kill(os.getppid(), 0); os.killpg(0, 9)",
          "class Wrong:\n    def __repr__(self): return 7",
          "class Long(list):\n    def __len__(self): os._exit(1)",
          "class Meta(type):\n    def __getattribute__(self, name): os._exit(1)\n    def __instancecheck__(self, other): os._exit(1)",
          "class Odd(metaclass=Meta):\n    def __getattribute__(self, name): os._exit(1)\n    @property\n    def __class__(self): os._exit(1)\n    @property\n    def __dict__(self): os._exit(1)",
          "class Key(str):\n    def __eq__(self, other): os._exit(1)\n    __hash__ = str.__hash__",
          "seen = []; good = Good(); nested = [good, {'a': good}]; endless = Endless(); stubborn = Stubborn(); deep = Deep()",
          "sleeps = Sleeps(); raises = Raises(); exits = Exits(); leaves = Leaves(); kills = Kills(); wrong = Wrong()",
          "long = Long([1, 2]); odd = Odd(); day = datetime.date(2020, 1, 2); globals()[Key('evil')] = 1; last = Good()",
          "",
        ].join("\n"),
      ),
    );
    await eventually(() => watch.reports > 0);
    // On a busy machine code of the program's may seem to take its time: then the next prompt tries again.
    await eventually(async () => {
      await watch.type("");
      return watch.shown("day") === "datetime.date(2020, 1, 2)" && watch.shown("last")?.startsWith("Good") === true;
    });
    for (const [name, type] of Object.entries({
      endless: "Endless",
      stubborn: "Stubborn",
      deep: "Deep",
      sleeps: "Sleeps",
      raises: "Raises",
      exits: "Exits",
      leaves: "Leaves",
      kills: "Kills",
      wrong: "Wrong",
      odd: "Odd",
    }))
      assert.deepEqual([watch.of(name)?.type, watch.shown(name)], [type, `<${type} object>`], name);
    assert.match(watch.shown("good") ?? "", /^Good\\x1b\[2J \d+$/);
    assert.match(watch.shown("nested") ?? "", /^\[Good.*, \{'a': Good.*\}\]$/);
    assert.deepEqual([watch.of("long")?.length, watch.shown("long")], ["2", "[1, 2]"]);
    assert.equal(watch.of("evil"), undefined);
    assert.doesNotMatch(console.text, /printed/);
    assert.match(await watch.type("calls, seen"), /\(0, \[\]\)/);
    assert.match(await watch.type("import os; os.waitpid(-1, 0)"), /ChildProcessError/);
  });

  it("are told after an error as well, before Enter opens the prompt", async () => {
    await using strict = await Lab.open({ runner: { promptAfterError: false } });
    await using console = strict.console();
    const watch = new Watch(console);
    console.console.showVariables(true);
    await writeFile(join(strict.directory, "files/Local/ada/breaks.py"), "x = 6\ny = x / 0\n");
    await console.runToEnd("breaks.py");
    await console.reaches("failed");
    await eventually(() => watch.shown("x") === "6");
    assert.deepEqual((await watch.whole("x")).rows, [["6"]]);
    console.console.write("\r");
    await console.promptShown();
    assert.match(await watch.type("x += 1"), /x \+= 1/);
    await eventually(() => watch.shown("x") === "7");
  });

  it("are shown in full when somebody asks: tables, lines, and what is too long is counted", async () => {
    await using console = lab.console();
    const watch = new Watch(console);
    console.console.showVariables(true);
    await console.runToEnd(
      await program(
        "whole.py",
        [
          "numbers = list(range(10000)); ages = {'Ada': 36, 'Alan': [1, 2]}; text = 'one\\ntwo\\x1b[2J\\tthree'",
          "rows = [[1, 2], [3, 4]]; people = [{'name': 'Ada', 'age': 36}, {'name': 'Alan', 'age': 41}]",
          "class Person:\n    __slots__ = ('name', '__dict__')\nada = Person(); ada.name = 'Ada'; ada.age = 36",
          "class Array:\n    pass\nclass DataFrame:\n    columns = ['a', 'b']\n    shape = (2, 2)\n    def __len__(self): return 2\n    iloc = property(lambda self: self)\n    def __getitem__(self, key): return self\n    def itertuples(self, name): return iter([(0, 1, 'x'), (1, 2.5, 'y')])\nframe = DataFrame()",
          "def area(width):\n    'Of a square.'\nmany = {n: n for n in range(600)}; huge = 7 ** 3000",
          "",
        ].join("\n"),
      ),
    );
    await eventually(() => watch.reports > 0);
    const numbers = await watch.whole("numbers");
    assert.deepEqual([numbers.type, numbers.length, numbers.columns], ["list", "10000", ["", "value", "type"]]);
    assert.deepEqual([numbers.rows.length, numbers.rows[499], numbers.more], [500, ["499", "499", "int"], 9500]);
    assert.deepEqual((await watch.whole("ages")).rows, [
      ["'Ada'", "36", "int"],
      ["'Alan'", "[1, 2]", "list"],
    ]);
    assert.deepEqual((await watch.whole("text")).rows, [["one"], ["two\\x1b[2J    three"]]);
    assert.deepEqual((await watch.whole("rows")).rows, [
      ["0", "1", "2"],
      ["1", "3", "4"],
    ]);
    const people = await watch.whole("people");
    assert.deepEqual(
      [people.columns, people.rows[1]],
      [
        ["", "name", "age"],
        ["1", "'Alan'", "41"],
      ],
    );
    const frame = await watch.whole("frame");
    assert.deepEqual(
      [frame.columns, frame.rows],
      [
        ["", "a", "b"],
        [
          ["0", "1", "x"],
          ["1", "2.5", "y"],
        ],
      ],
    );
    assert.deepEqual((await watch.whole("ada")).rows, [
      ["name", "'Ada'", "str"],
      ["age", "36", "int"],
    ]);
    assert.deepEqual((await watch.whole("area")).rows, [["area(width)"], [""], ["Of a square."]]);
    assert.equal((await watch.whole("many")).more, 100);
    assert.match((await watch.whole("huge")).rows[0]?.[0] ?? "", /^\d{500}/);
    assert.match((await watch.whole("nobody")).rows[0]?.[0] ?? "", /no variable nobody/);
    // The prompt is as it was.
    assert.match(await watch.type("6 * 7"), /\n42\r\n/);
  });
});
