import assert from "node:assert/strict";
import { startWork, systemClock, untilNext, type Clock } from "../../src/base/clock.ts";

describe("the clock", () => {
  const cases: readonly (readonly [when: string, elapsed: number, next: number])[] = [
    ["at the beginning", 0, 750],
    ["on time", 750, 750],
    ["a moment early", 749.4, 750.6],
    ["a moment late", 751, 749],
    ["after a stall, where it left its place", 1150, 350],
    ["after a stall of several rounds", 4000, 500],
  ];
  for (const [when, elapsed, next] of cases) {
    it(`keeps its beat ${when}`, () =>
      assert.ok(Math.abs(untilNext(elapsed, 750) - next) < 1e-6, String(untilNext(elapsed, 750))));
  }

  it("goes on until it is disposed, also from within", async () => {
    let beats = 0;
    await new Promise<void>((resolve) => {
      const timer = systemClock.every(1, () => {
        if (++beats < 3) return;
        timer[Symbol.dispose]();
        // Longer than a beat: another one would be counted by then.
        setTimeout(resolve, 10);
      });
      setTimeout(() => undefined, 5); // keeps the process alive
    });
    assert.equal(beats, 3);
  });

  it("leaves the beats of many timers apart after a stall", async () => {
    const beats: number[] = [];
    const period = 60;
    const timers: Disposable[] = [];
    try {
      for (let place = 0; place < 6; place++) {
        timers.push(systemClock.every(period, () => beats.push(place)));
        const end = performance.now() + period / 6;
        while (performance.now() < end);
      }
      const stalled = performance.now() + 2 * period;
      while (performance.now() < stalled);
      beats.length = 0;
      // Late together in the first turn; with setInterval all would come in one turn, round after round.
      const turns = await new Promise<readonly number[]>((resolve) => {
        const counts: number[] = [];
        const look = (): void => {
          const count = beats.splice(0).length;
          if (count > 0) counts.push(count);
          if (counts.length < 2 || (Math.min(...counts.slice(1)) === 6 && counts.length < 20)) setImmediate(look);
          else resolve(counts);
        };
        look();
      });
      assert.ok(Math.min(...turns.slice(1)) < 6, `beats in each turn: ${turns.join(" ")}`);
    } finally {
      for (const timer of timers) timer[Symbol.dispose]();
    }
  });
});

describe("work that is measured", () => {
  /** A clock that only the test moves, and how often it was asked for the processor's time. */
  class Held implements Clock {
    wall = 100;
    used = 7;
    asked = 0;
    now = (): number => this.wall;
    monotonic = (): number => this.wall;
    cpu = (): number => {
      this.asked++;
      return this.used;
    };
    after = (): Disposable => assert.fail("it waits for nothing");
    every = (): Disposable => assert.fail("it waits for nothing");
  }

  it("counts no more than the process had of the processor", () => {
    const clock = new Held();
    const work = startWork(clock);
    clock.wall += 50;
    clock.used += 8;
    assert.equal(work(), 8);
  });

  it("counts what it took where nobody knows the processor's time", () => {
    const clock: Clock = new Held();
    delete clock.cpu;
    const work = startWork(clock);
    (clock as Held).wall += 50;
    assert.equal(work(), 50);
  });

  it("does not ask for the processor's time for each of many short pieces", () => {
    const clock = new Held();
    let sum = 0;
    for (let piece = 0; piece < 100; piece++) {
      const work = startWork(clock);
      clock.wall += 0.01;
      clock.used += 0.01;
      sum += work();
    }
    assert.ok(Math.abs(sum - 1) < 1e-6, String(sum));
    assert.ok(clock.asked <= 2, String(clock.asked));
  });

  it("is too much by a moment at most after short pieces", () => {
    const clock = new Held();
    const first = startWork(clock);
    clock.wall += 0.9;
    clock.used += 0.9;
    first();
    const work = startWork(clock);
    clock.wall += 50;
    clock.used += 8;
    const took = work();
    assert.ok(took >= 8 && took <= 9, String(took));
  });
});
