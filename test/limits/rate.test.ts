import assert from "node:assert/strict";
import { RateLimiter } from "../../src/limits/rate.ts";
import { FakeClock } from "../support/fake-clock.ts";

function takes(limiter: RateLimiter, key: string, count: number): boolean[] {
  return Array.from({ length: count }, () => limiter.take(key).allowed);
}

function allowed(results: readonly boolean[]): number {
  return results.filter(Boolean).length;
}

describe("the rate limiter", () => {
  it("allows a burst, then says when the next one is free", () => {
    const clock = new FakeClock();
    const limiter = new RateLimiter({ perMinute: 10, clock });
    assert.equal(allowed(takes(limiter, "ada", 12)), 10);
    const refused = limiter.take("ada");
    assert.ok(!refused.allowed);
    assert.equal(refused.retryAfterSeconds, 6);
    clock.advance(5999);
    assert.ok(!limiter.take("ada").allowed);
    clock.advance(1);
    assert.deepEqual(takes(limiter, "ada", 2), [true, false]);
  });

  it("allows as many as set in the long run, however greedy the key is", () => {
    const clock = new FakeClock();
    const limiter = new RateLimiter({ perMinute: 10, burst: 3, clock });
    let count = 0;
    for (let second = 0; second < 600; second += 1) {
      count += allowed(takes(limiter, "ada", 5));
      clock.advance(1000);
    }
    assert.ok(count >= 100 && count <= 103, `${count} in ten minutes`);
  });

  it("gives the whole burst back after a rest, and not more", () => {
    const clock = new FakeClock();
    const limiter = new RateLimiter({ perMinute: 10, burst: 4, clock });
    takes(limiter, "ada", 4);
    clock.advance(3_600_000);
    assert.equal(allowed(takes(limiter, "ada", 10)), 4);
  });

  it("keeps keys apart, a whole class beside one that takes all day", () => {
    const clock = new FakeClock();
    const limiter = new RateLimiter({ perMinute: 10, clock });
    takes(limiter, "mallory", 1000);
    // Keys share cells by chance: for sixty that use up everything at once, once in 60,000 runs.
    for (let index = 0; index < 60; index += 1)
      assert.equal(allowed(takes(limiter, `student-${index}`, 10)), 10, `student-${index}`);
  });

  it("lets hardly any key suffer from sharing a cell, also among a thousand that use up everything at once", () => {
    const limiter = new RateLimiter({ perMinute: 10, clock: new FakeClock() });
    const short = Array.from({ length: 1000 }, (_, index) => allowed(takes(limiter, `student-${index}`, 10))).filter(
      (count) => count < 10,
    );
    // 0.08 keys on average by chance; with one cell a key, or the fuller of two, it would be four to fifteen.
    assert.ok(short.length <= 2, `${short.length} keys`);
  });

  it("forgets a key that is reset", () => {
    const limiter = new RateLimiter({ perMinute: 2, clock: new FakeClock() });
    assert.deepEqual(takes(limiter, "ada", 3), [true, true, false]);
    limiter.reset("ada");
    assert.deepEqual(takes(limiter, "ada", 3), [true, true, false]);
  });
});
