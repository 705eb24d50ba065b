import assert from "node:assert/strict";
import { setImmediate as nextTurn } from "node:timers/promises";
import { PacedWork } from "../../src/base/paced-work.ts";
import { FakeClock } from "../support/fake-clock.ts";

describe("paced work", () => {
  let clock: FakeClock;
  /** When it was done. */
  let done: number[];
  let takes: number;
  let fails: boolean;
  let errors: unknown[];
  let paced: PacedWork;

  beforeEach(() => {
    clock = new FakeClock();
    done = [];
    takes = 0;
    fails = false;
    errors = [];
    paced = new PacedWork({
      work: async () => {
        done.push(clock.monotonic());
        await nextTurn();
        clock.advance(takes);
        if (fails) throw new Error("broken");
      },
      failed: (error) => errors.push(error),
      gatherMs: 100,
      restMs: () => 500,
      stormRestMs: 4000,
      clock,
    });
  });
  afterEach(() => {
    paced[Symbol.dispose]();
    assert.equal(clock.timers, 0);
  });

  /** Lets so much time pass, asking for the work every 10 ms. */
  async function storm(ms: number): Promise<void> {
    const end = clock.monotonic() + ms;
    while (clock.monotonic() < end) {
      paced.ask();
      clock.advance(10);
      await settled();
    }
  }

  /** In steps: work that a timer begins ends only when the event loop turns, and how long it took counts. */
  async function quiet(ms: number): Promise<void> {
    const end = clock.monotonic() + ms;
    do {
      clock.advance(Math.min(100, end - clock.monotonic()));
      await settled();
    } while (clock.monotonic() < end);
  }

  async function settled(): Promise<void> {
    for (let turn = 0; turn < 3; turn++) await nextTurn();
  }

  it("is done soon, and once more for all that ask meanwhile", async () => {
    for (let time = 0; time < 10_000; time++) paced.ask();
    await quiet(100);
    assert.deepEqual(done, [100]);
    for (let time = 0; time < 10_000; time++) paced.ask();
    await quiet(10_000);
    assert.deepEqual(done, [100, 600]);
    assert.equal(clock.timers, 0);
  });

  it("rests ten times as long as it took, and longer and longer in a storm", async () => {
    takes = 80;
    await storm(3000);
    const pauses = done.slice(1).map((time, index) => time - (done[index] ?? 0));
    assert.ok(pauses.length >= 2 && pauses.every((pause) => pause >= takes + 10 * takes), String(pauses));
    takes = 0;
    await storm(60_000);
    const last = done.slice(-4).map((time, index, all) => time - (all[index - 1] ?? time - 4000));
    assert.ok(
      last.every((pause) => pause >= 4000),
      String(last),
    );
    assert.ok(done.length < 30, String(done.length));
  });

  it("is done soon again after a storm, and for a person at once", async () => {
    await storm(30_000);
    await quiet(10_000);
    const before = done.length;
    await quiet(10_000);
    assert.equal(done.length, before);
    paced.ask();
    await quiet(100);
    assert.equal(done.length, before + 1);
    paced.hurry();
    await quiet(0);
    assert.equal(done.length, before + 2);
  });

  it("goes on after an error, and tells of it", async () => {
    fails = true;
    paced.ask();
    await quiet(100);
    fails = false;
    paced.ask();
    await quiet(1000);
    assert.equal(done.length, 2);
    assert.equal(errors.length, 1);
  });
});
