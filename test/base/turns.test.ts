import assert from "node:assert/strict";
import { setImmediate as nextRound } from "node:timers/promises";
import { Turns } from "../../src/base/turns.ts";
import { FakeClock } from "../support/fake-clock.ts";

/** A member whose steps take a given time, and which has some number of them to do. */
class Worker {
  steps = 0;
  left = 0;
  readonly #turn: { request(): void } & Disposable;

  constructor(
    turns: Turns,
    clock: FakeClock,
    ms: number,
    { name, names }: { readonly name: string; readonly names?: string[] } = { name: "" },
  ) {
    this.#turn = turns.join(() => {
      this.steps++;
      this.left--;
      names?.push(name);
      clock.advance(ms);
      return this.left > 0;
    });
  }

  ask(steps: number): void {
    this.left += steps;
    this.#turn.request();
  }

  leave(): void {
    this.#turn[Symbol.dispose]();
  }
}

describe("turns", () => {
  let clock: FakeClock;
  let turns: Turns;
  const failures: unknown[] = [];

  beforeEach(() => {
    clock = new FakeClock();
    failures.length = 0;
    turns = new Turns(clock, (error) => failures.push(error));
  });
  afterEach(() => turns[Symbol.dispose]());

  /** Lets the event loop and the clock run on for some milliseconds. */
  async function pass(ms: number): Promise<void> {
    const end = clock.monotonic() + ms;
    while (clock.monotonic() < end) {
      await nextRound();
      await nextRound();
      clock.advance(0.25);
    }
  }

  it("does the first work in a round now, and short work in the order in which it is asked for", async () => {
    const names: string[] = [];
    const workers = ["a", "b", "c"].map((name) => new Worker(turns, clock, 0.01, { name, names }));
    for (const worker of workers) worker.ask(2);
    assert.deepEqual(names, ["a"]);
    for (let round = 0; round < 8; round++) await nextRound();
    assert.deepEqual(names, ["a", "a", "b", "c", "b", "c"]);
    const late = new Worker(turns, clock, 0.01, { name: "late", names });
    late.ask(1);
    assert.equal(names.at(-1), "late");
  });

  it("does the few chunks of a short program's output without a rest", async () => {
    for (let count = 0; count < 10; count++) new Worker(turns, clock, 2).ask(10_000);
    await pass(200);
    const program = new Worker(turns, clock, 0.8);
    for (let chunk = 1; chunk <= 4; chunk++) {
      program.ask(1);
      for (let round = 0; round < 3 && program.steps < chunk; round++) await nextRound();
      assert.equal(program.steps, chunk);
      await pass(1);
    }
  });

  it("gives one who floods a quarter of the time, and ten who flood no more together", async () => {
    for (const many of [1, 10]) {
      const flooding = Array.from({ length: many }, () => new Worker(turns, clock, 2));
      for (const worker of flooding) worker.ask(10_000);
      await pass(100); // their first step comes at once
      const before = flooding.reduce((sum, { steps }) => sum + steps, 0);
      await pass(1000);
      const busy = 2 * (flooding.reduce((sum, { steps }) => sum + steps, 0) - before);
      assert.ok(busy >= 150 && busy <= 300, `${many} take ${busy} of 1000 ms`);
      for (const worker of flooding) {
        assert.ok(worker.steps > 3, "nobody is forgotten");
        worker.leave();
      }
    }
  });

  it("does the work of one who had little in the next round while others flood", async () => {
    for (let count = 0; count < 10; count++) new Worker(turns, clock, 2).ask(10_000);
    await pass(200);
    const typist = new Worker(turns, clock, 0.1);
    for (let key = 1; key <= 20; key++) {
      typist.ask(1);
      for (let round = 0; round < 3 && typist.steps < key; round++) await nextRound();
      assert.equal(typist.steps, key);
      await pass(60);
    }
  });

  it("forgives after a pause, and not before", async () => {
    const worker = new Worker(turns, clock, 2);
    worker.ask(1);
    await pass(3);
    for (let count = 0; count < 100; count++) new Worker(turns, clock, 2).ask(100);
    await pass(10);
    worker.ask(1); // it waits in the line of the heavy ones, behind a hundred
    await pass(20);
    assert.equal(worker.steps, 1);
    await pass(2000);
    assert.equal(worker.steps, 2);
    worker.ask(1);
    await pass(3);
    assert.equal(worker.steps, 3);
  });

  it("goes on with the others when a step throws, and forgets who has left", async () => {
    const bad = turns.join(() => {
      throw new Error("a bug");
    });
    const good = new Worker(turns, clock, 0.1);
    const gone = new Worker(turns, clock, 0.1);
    bad.request();
    good.ask(1);
    gone.ask(1);
    gone.leave();
    await pass(5);
    assert.equal(failures.length, 1);
    assert.deepEqual([good.steps, gone.steps], [1, 0]);
  });
});
