import assert from "node:assert/strict";
import { StartGate, type PendingStart, type Urgency } from "../../src/runner/broker/start-gate.ts";
import { startsAtOnce } from "../../src/cluster/worker-count.ts";
import { Lab } from "./support.ts";

describe("the gate of starting Pythons", () => {
  let started: string[];
  beforeEach(() => {
    started = [];
  });

  function queue(gate: StartGate, name: string, urgency: Urgency): PendingStart {
    const turn = gate.queue(urgency);
    void turn.ready.then(() => started.push(name));
    return turn;
  }
  const settled = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

  it("lets only so many start at a time, the most urgent first, and of the same in the order in which they came", async () => {
    const gate = new StartGate(2);
    const turns = new Map<string, PendingStart>();
    for (const [name, urgency] of [
      ["a", "spare"],
      ["b", "prompt"],
      ["c", "spare"],
      ["d", "prompt"],
      ["e", "run"],
      ["f", "run"],
    ] as const)
      turns.set(name, queue(gate, name, urgency));
    await settled();
    assert.deepEqual(started, ["a", "b"]);
    for (const name of ["a", "b", "e", "f"]) {
      turns.get(name)?.[Symbol.dispose]();
      turns.get(name)?.[Symbol.dispose](); // once only, however often
      await settled();
    }
    assert.deepEqual(started, ["a", "b", "e", "f", "d", "c"]);
  });

  it("lets a spare that somebody waits for by now go first, and forgets what was given up", async () => {
    const gate = new StartGate(1);
    const first = queue(gate, "first", "prompt");
    queue(gate, "prompt", "prompt");
    queue(gate, "given up", "run")[Symbol.dispose]();
    queue(gate, "spare", "spare").hurry();
    first[Symbol.dispose]();
    await settled();
    assert.deepEqual(started, ["first", "given up", "spare"]);
  });

  it("has two starts for each core, shared among the workers, and two at least", () => {
    assert.deepEqual(
      [
        startsAtOnce(0, 1),
        startsAtOnce(0, 8),
        startsAtOnce(2, 2),
        startsAtOnce(8, 8),
        startsAtOnce(4, 2),
        startsAtOnce(3, 8),
      ],
      [2, 16, 2, 2, 2, 6],
    );
  });

  it("starts a program before the prompts that stand in line, and all of them in the end", async () => {
    await using lab = await Lab.open({ startsAtOnce: 1 });
    const order: string[] = [];
    const consoles = ["1", "2", "3", "4", "5", "6"].map((name) => {
      const console = lab.console();
      return {
        console,
        prompt: console.until(`prompt ${name}`, () => console.console.state === "prompt").then(() => order.push(name)),
      };
    });
    await lab.run("hello.py");
    order.push("program");
    await Promise.all(consoles.map(({ prompt }) => prompt));
    assert.ok(order.indexOf("program") < order.indexOf("6"), order.join(" "));
    assert.deepEqual(
      order.filter((name) => name !== "program"),
      ["1", "2", "3", "4", "5", "6"],
    );
    for (const { console } of consoles) await console[Symbol.asyncDispose]();
  });

  it("ends a Python that stands in line without starting it", async () => {
    await using lab = await Lab.open({ startsAtOnce: 1 });
    const waiting = Array.from({ length: 5 }, () => lab.console());
    for (const console of waiting.toReversed()) await console[Symbol.asyncDispose]();
    assert.equal(lab.runner.jailCount, 0);
    await using console = lab.console();
    assert.match(await console.type("1 + 1"), /\n2\r\n>>> $/);
  });
});
