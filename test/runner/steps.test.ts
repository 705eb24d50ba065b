import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { StepCommand, StepState } from "../../src/runner/steps.ts";
import { eventually } from "../support/eventually.ts";
import { Lab, type Transcript } from "./support.ts";

/** A person who steps through a program. */
class Walk {
  steps: StepState[] = [];
  readonly console: Transcript;

  constructor(console: Transcript) {
    this.console = console;
    console.console.onStep((step) => this.steps.push(step));
  }

  get now(): StepState {
    const step = this.steps.at(-1);
    assert.ok(step);
    return step;
  }

  async begin(file: string): Promise<StepState> {
    this.console.console.runFile(`/home/ada/${file}`, [], undefined, true);
    await eventually(() => this.steps.length > 0);
    return this.now;
  }

  async go(command: StepCommand): Promise<StepState> {
    const before = this.steps.length;
    this.console.console.step(command);
    await eventually(() => this.steps.length > before);
    return this.now;
  }

  async lines(command: StepCommand, count: number): Promise<number[]> {
    const found: number[] = [];
    for (let number = 0; number < count; number++) found.push((await this.go(command)).line);
    return found;
  }

  value(name: string): string | undefined {
    return this.now.variables.find((each) => each.name === name)?.value;
  }
}

const program = `numbers = [3, 1]
def double(value):
    result = value * 2
    return result
total = 0
for n in numbers:
    total += double(n)
name = input("Name? ")
print(name, total)
`;

describe("stepping through a program", () => {
  let lab: Lab;

  before(async () => {
    lab = await Lab.open();
  });
  after(() => lab[Symbol.asyncDispose]());

  const write = async (name: string, text: string): Promise<string> => {
    await writeFile(join(lab.directory, "files/Local/ada", name), text);
    return name;
  };

  it("goes into calls, over and out of them, to a line, and back", async () => {
    await using console = lab.console();
    const walk = new Walk(console);
    const first = await walk.begin(await write("walk.py", program));
    assert.deepEqual([first.line, first.step, first.stack.map(({ name }) => name)], [1, 1, ["the program"]]);
    assert.deepEqual(await walk.lines({ do: "in" }, 6), [2, 5, 6, 7, 3, 4]);
    assert.deepEqual(walk.now.stack, [
      { name: "double", file: "/home/ada/walk.py", line: 4 },
      { name: "the program", file: "/home/ada/walk.py", line: 7 },
    ]);
    assert.deepEqual([walk.value("result"), walk.value("value"), walk.value("total")], ["6", "3", "0"]);
    assert.deepEqual(
      walk.now.variables.filter(({ changed }) => changed).map(({ name, scope }) => [name, scope]),
      [["result", "double"]],
    );
    const { answer } = await walk.go({ do: "value", text: "result + numbers[1]" });
    assert.equal(answer?.value, "7");
    assert.deepEqual(await walk.lines({ do: "back" }, 2), [3, 7]);
    assert.equal(walk.value("result"), undefined);
    assert.equal((await walk.go({ do: "value", text: "total" })).answer?.value, "0");
    assert.deepEqual(await walk.lines({ do: "in" }, 2), [3, 4]);
    assert.equal((await walk.go({ do: "out" })).line, 6);
    assert.equal(walk.value("total"), "6");
    assert.deepEqual(await walk.lines({ do: "over" }, 2), [7, 6]);
    assert.equal((await walk.go({ do: "run", file: "/home/ada/walk.py", line: 8 })).line, 8);
    assert.equal(walk.value("total"), "8");
    const before = walk.steps.length;
    console.console.step({ do: "over" });
    await console.prints("Name? ");
    console.console.write("Ada\r");
    await eventually(() => walk.steps.length > before);
    assert.deepEqual([walk.now.line, walk.value("name")], [9, "'Ada'"]);
    const end = await walk.go({ do: "in" });
    assert.deepEqual([end.ended, end.line], [true, 9]);
    assert.match(console.text, /Ada 8/);
    assert.equal((await walk.go({ do: "back" })).line, 8);
    console.console.step({ do: "quit" });
    await console.promptShown();
    assert.deepEqual(
      console.ends.map(({ outcome }) => outcome.kind),
      ["exited"],
    );
    assert.match(await console.type("total"), /\n8\r\n/);
  });

  it("shows the variables of outer calls as they were at the call, also in the past", async () => {
    await using console = lab.console();
    const walk = new Walk(console);
    await walk.begin(
      await write(
        "calls.py",
        "def outer(a):\n    b = a + 1\n    r = inner(b)\n    return r\ndef inner(c):\n    d = c * 2\n    return d\nx = outer(1)\n",
      ),
    );
    await walk.go({ do: "run", file: "/home/ada/calls.py", line: 7 });
    const seen = (): unknown => [
      walk.now.frame,
      walk.now.line,
      walk.now.variables
        .filter(({ scope }) => scope !== "")
        .map(({ name, value, scope }) => `${scope}.${name}=${value}`),
    ];
    assert.deepEqual(seen(), [0, 7, ["inner.c=2", "inner.d=4"]]);
    await walk.go({ do: "frame", index: 1 });
    assert.deepEqual(seen(), [1, 7, ["outer.a=1", "outer.b=2"]]);
    assert.equal(walk.now.stack[1]?.line, 3);
    assert.ok(walk.now.variables.every(({ changed }) => !changed));
    assert.equal((await walk.go({ do: "value", text: "b" })).answer?.value, "2");
    assert.equal(walk.now.frame, 1);
    await walk.go({ do: "frame", index: 99 });
    assert.deepEqual(seen(), [2, 7, []]);
    await walk.go({ do: "back" });
    assert.deepEqual(seen(), [0, 6, ["inner.c=2"]]);
    await walk.go({ do: "frame", index: 1 });
    assert.deepEqual(seen(), [1, 6, ["outer.a=1", "outer.b=2"]]);
    await walk.go({ do: "frame", index: -1 });
    assert.deepEqual(seen(), [0, 6, ["inner.c=2"]]);
    console.console.step({ do: "quit" });
    await console.promptShown();
  });

  it("stops where the program failed, with the message, and shows how it came there", async () => {
    await using console = lab.console();
    const walk = new Walk(console);
    await walk.begin(
      await write(
        "fails-later.py",
        "import traceback\ndef part(n):\n    return 10 // n\nfor n in [2, 0]:\n    part(n)\n",
      ),
    );
    const end = await walk.go({ do: "run", file: "", line: 1 });
    assert.deepEqual([end.ended, end.line, end.stack[0]?.name], [true, 3, "part"]);
    assert.match(end.error, /^ZeroDivisionError: /);
    assert.equal(walk.value("n"), "0");
    assert.deepEqual(await walk.lines({ do: "back" }, 2), [3, 5]);
    assert.match(console.plainText, /Traceback[^]*line 5, in <module>[^]*line 3, in part[^]*ZeroDivisionError/);
    assert.doesNotMatch(console.plainText, /classh\/|stepper/);
    console.console.step({ do: "quit" });
    await console.promptShown();
  });

  it("ends with Ctrl-C, also in an endless loop, with no frame of ours", async () => {
    await using console = lab.console();
    const walk = new Walk(console);
    const file = await write("loop.py", "n = 0\nprint('begins')\nwhile True:\n    n += 1\n");
    await walk.begin(file);
    console.console.step({ do: "run", file: "", line: 1 });
    await console.prints("begins");
    console.console.interrupt();
    await eventually(() => walk.now.ended);
    assert.equal(walk.now.error, "KeyboardInterrupt");
    assert.ok(walk.now.last - walk.now.first < 10_000);
    assert.doesNotMatch(console.plainText, /classh\/|stepper/);
    console.console.step({ do: "quit" });
    await console.promptShown();
    walk.steps = [];
    await walk.begin(file);
    console.console.write("\x03");
    await eventually(() => walk.now.ended);
    assert.match(console.plainText, /line 1, in <module>[^]*KeyboardInterrupt/);
    console.console.step({ do: "quit" });
    await console.promptShown();
  });

  it("goes on as ever when it is left, and tells the bound of what it keeps", async () => {
    await using console = lab.console();
    const walk = new Walk(console);
    await walk.begin(
      await write("long.py", "n = 0\nwhile n < 12_000:\n    n += 1\nimport sys\nprint(sys.gettrace())\n"),
    );
    const late = await walk.go({ do: "run", file: "/home/ada/long.py", line: 4 });
    assert.deepEqual([late.line, walk.value("n")], [4, "12000"]);
    assert.equal(late.last - late.first + 1, 10_000);
    console.console.step({ do: "quit" });
    await console.promptShown();
    assert.match(console.text, /None/);
  });
});
