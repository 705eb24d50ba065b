import assert from "node:assert/strict";
import { Shares, type Share } from "../../src/base/shares.ts";
import { FakeClock } from "../support/fake-clock.ts";

describe("shares of the thread", () => {
  let clock: FakeClock;
  let shares: Shares;

  beforeEach(() => {
    clock = new FakeClock();
    shares = new Shares(clock);
  });

  /** Each works for `piece` milliseconds whenever it may; the sum of all work in a second of the thread. */
  function flood(people: readonly (Share & Disposable)[], piece: number, ms: number): number {
    const end = clock.monotonic() + ms;
    let busy = 0;
    while (clock.monotonic() < end) {
      const ready = people.find((person) => person.wait() === 0);
      if (!ready) {
        clock.advance(1);
        continue;
      }
      ready.use(() => clock.advance(piece));
      busy += piece;
    }
    return busy;
  }

  it("lets one who floods have a quarter, and ten not much more together", () => {
    for (const [many, most] of [
      [1, 300],
      [10, 400],
    ] as const) {
      const people = Array.from({ length: many }, (_, index) => shares.of(`p${many}.${index}`));
      flood(people, 4, 3000); // what everybody may use at once
      const busy = flood(people, 4, 1000);
      assert.ok(busy >= 150 && busy <= most, `${many} take ${busy} of 1000 ms`);
      for (const person of people) person[Symbol.dispose]();
    }
  });

  it("never lets one wait who types, whoever else floods", () => {
    const typist = shares.of("typist");
    const people = Array.from({ length: 10 }, (_, index) => shares.of(String(index)));
    for (let key = 0; key < 100; key++) {
      flood(people, 4, 100);
      assert.equal(typist.wait(), 0);
      typist.spend(2);
    }
  });

  it("lets heavy users go on one at a time, with a rest in between", () => {
    const people = Array.from({ length: 5 }, (_, index) => shares.of(String(index)));
    for (const person of people) person.spend(60);
    const turns: { person: number; at: number }[] = [];
    for (const [index, person] of people.entries()) {
      const go = (): void => {
        turns.push({ person: index, at: clock.monotonic() });
        person.spend(4);
        person.whenFree(go);
      };
      person.whenFree(go);
    }
    for (let time = 0; time < 2000; time++) clock.advance(1);
    assert.ok(turns.length >= 50, `${turns.length} turns`);
    for (const [index, { at }] of turns.entries())
      assert.ok(
        index === 0 || at - (turns[index - 1]?.at ?? 0) >= 12,
        `two within ${at - (turns[index - 1]?.at ?? 0)} ms`,
      );
    for (const [index] of people.entries()) {
      const own = turns.filter(({ person }) => person === index).length;
      assert.ok(own >= turns.length / 10, `one of five had ${own} of ${turns.length} turns`);
    }
  });

  it("does not count those among the heavy users who have done nothing for long", () => {
    const idle = Array.from({ length: 30 }, (_, index) => shares.of(String(index)));
    for (const person of idle) person.spend(40);
    clock.advance(20_000);
    using person = shares.of("ada");
    flood([person], 4, 1000); // what everybody may use at once
    const busy = flood([person], 4, 1000);
    assert.ok(busy >= 150, `${busy} of 1000 ms`);
  });

  it("calls nobody back who has given up", () => {
    using person = shares.of("ada");
    person.spend(100);
    person.whenFree(() => assert.fail("called back"))[Symbol.dispose]();
    clock.advance(5000);
    assert.equal(clock.timers, 0);
  });

  it("counts all that is one person's together", () => {
    const windows = Array.from({ length: 100 }, () => shares.of("ada"));
    for (const window of windows) window.spend(5);
    assert.ok(windows.every((window) => window.wait() > 0));
    const busy = flood(windows, 4, 1000);
    assert.ok(busy <= 250, `${busy} of 1000 ms`);
  });

  it("has nobody wait longer than two seconds, and then goes on", () => {
    using person = shares.of("ada");
    person.spend(60_000);
    assert.equal(person.wait(), 2000);
    clock.advance(2001);
    assert.equal(person.wait(), 0);
  });

  it("counts no time in which the machine was busy with something else", () => {
    let cpu = 0;
    const own = new Shares(Object.assign(clock, { cpu: () => cpu }));
    using person = own.of("ada");
    person.use(() => {
      clock.advance(10_000);
      cpu += 1;
    });
    assert.equal(person.wait(), 0);
    person.use(() => {
      clock.advance(100);
      cpu += 500; // of other threads too: never more than the time that went by
    });
    assert.ok(person.wait() > 0 && person.wait() <= 300);
  });

  it("keeps a debt over a new connection, and forgets who has left", () => {
    const first = shares.of("ada");
    first.spend(200);
    first[Symbol.dispose]();
    first[Symbol.dispose]();
    const second = shares.of("ada");
    assert.ok(second.wait() > 0);
    second[Symbol.dispose]();
    clock.advance(10_000);
    assert.equal(shares.size, 0);
    assert.equal(clock.timers, 0);
  });
});
