import assert from "node:assert/strict";
import { timings } from "../../src/base/measures.ts";
import { parseSlowThings, Slowest } from "../../src/base/slowest.ts";
import { FakeClock } from "../support/fake-clock.ts";

describe("the slowest things", () => {
  it("are those of the last ten minutes, the slowest first, however many there were", () => {
    const clock = new FakeClock();
    using slowest = new Slowest(clock);
    slowest.note("too long ago", 99);
    clock.advance(60_000);
    for (let round = 0; round < 600; round++) {
      for (let thing = 0; thing < 100; thing++) slowest.note("fast", 0.001);
      slowest.note(`slow ${round}`, round / 1000);
      clock.advance(1000);
    }
    const { list } = slowest;
    assert.deepEqual(
      list.map(({ what }) => what),
      Array.from({ length: 20 }, (_, index) => `slow ${599 - index}`),
    );
    assert.equal(list[0]?.ago, 1);
    clock.advance(600_000);
    assert.deepEqual(slowest.list, []);
    slowest.note("new", 1);
    assert.equal(slowest.list.length, 1);
  });

  it("are what people wait for, as long as somebody keeps them", () => {
    {
      using slowest = new Slowest(new FakeClock());
      timings.login.end(timings.login.start());
      assert.deepEqual(
        slowest.list.map(({ what }) => what),
        ["login"],
      );
    }
    assert.equal(timings.login.start(), 0, "nobody listens any more");
  });

  it("are read from another process only where they are such things, and not too many", () => {
    const thing = { what: "login", seconds: 1, ago: 2 };
    assert.deepEqual(parseSlowThings([thing, null, 3, { what: 1 }, { ...thing, seconds: "1" }]), [thing]);
    assert.deepEqual(parseSlowThings("no"), []);
    assert.equal(parseSlowThings(Array.from({ length: 1000 }, () => thing)).length, 20);
  });
});
