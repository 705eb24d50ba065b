import assert from "node:assert/strict";
import { LoginThrottle } from "../../src/limits/login-throttle.ts";
import { FakeClock } from "../support/fake-clock.ts";

const home = "10.0.0.1";
const stranger = "203.0.113.9";

function make(): { clock: FakeClock; throttle: LoginThrottle } {
  const clock = new FakeClock();
  return { clock, throttle: new LoginThrottle({ freeFailures: 3, maxDelaySeconds: 30, clock }) };
}

/** Seconds that a refused try has to wait; 0 for one that is allowed (and then given up). */
function wait(throttle: LoginThrottle, username: string, address: string): number {
  const answer = throttle.check(username, address);
  if (!answer.allowed) return answer.retryAfterSeconds;
  throttle.abandoned(username, address);
  return 0;
}

function fail(throttle: LoginThrottle, username: string, address: string): void {
  throttle.check(username, address);
  throttle.failed(username, address);
}

describe("the login throttle", () => {
  it("lets the first failures be free, then waits 1, 2, 4 ... seconds up to the longest", () => {
    const { clock, throttle } = make();
    const waits: number[] = [];
    for (let index = 0; index < 10; index += 1) {
      const seconds = wait(throttle, "ada", home);
      waits.push(seconds);
      clock.advance(seconds * 1000);
      fail(throttle, "ada", home);
    }
    assert.deepEqual(waits, [0, 0, 0, 1, 2, 4, 8, 16, 30, 30]);
  });

  it("allows again exactly when it said, and a try in between does not push that away", () => {
    const { clock, throttle } = make();
    for (let index = 0; index < 4; index += 1) throttle.failed("ada", home);
    assert.equal(wait(throttle, "ada", home), 2);
    clock.advance(1500);
    assert.equal(wait(throttle, "ada", home), 0.5);
    clock.advance(500);
    assert.equal(wait(throttle, "ada", home), 0);
  });

  it("does not slow down the rest of the class at the same address", () => {
    const { throttle } = make();
    for (let index = 0; index < 50; index += 1) throttle.failed("ada", home);
    assert.ok(wait(throttle, "ada", home) > 0);
    assert.deepEqual(throttle.check("alan", home), { allowed: true, delaySeconds: 0, known: false });
  });

  it("never locks Ada out, however many strangers guess from everywhere", () => {
    const { throttle } = make();
    throttle.succeeded("ada", home);
    for (let index = 0; index < 5000; index += 1)
      fail(throttle, "ada", `203.0.${index % 250}.${Math.floor(index / 250)}`);
    assert.deepEqual(throttle.check("ada", home), { allowed: true, delaySeconds: 0, known: true });
    // From a place where she never was a wrong password is answered a little later.
    assert.deepEqual(throttle.check("ada", "198.51.100.1"), { allowed: true, delaySeconds: 2, known: false });
    assert.deepEqual(throttle.check("alan", "198.51.100.1"), { allowed: true, delaySeconds: 0, known: false });
  });

  it("starts afresh after the right password", () => {
    const { clock, throttle } = make();
    for (let index = 0; index < 6; index += 1) throttle.failed("ada", home);
    clock.advance(8000);
    assert.equal(wait(throttle, "ada", home), 0);
    throttle.succeeded("ada", home);
    throttle.failed("ada", home);
    assert.equal(wait(throttle, "ada", home), 0);
  });

  it("forgets after a quarter of an hour", () => {
    const { clock, throttle } = make();
    for (let index = 0; index < 20; index += 1) throttle.failed("ada", home);
    clock.advance(15 * 60_000 + 1);
    throttle.failed("ada", home);
    assert.equal(wait(throttle, "ada", home), 0);
  });

  it("stops guesses that are sent all at once, before the first has failed", () => {
    const { clock, throttle } = make();
    const volley = Array.from({ length: 200 }, () => throttle.check("ada", stranger).allowed);
    assert.equal(volley.filter(Boolean).length, 64);
    clock.advance(30_001); // their clients went away without an answer
    assert.ok(throttle.check("ada", stranger).allowed);
  });

  it("always lets the first try of a connection be checked, and answers a no late", () => {
    const { throttle } = make();
    for (let index = 0; index < 100; index += 1) throttle.failed("ada", home);
    for (let index = 0; index < 200; index += 1) {
      assert.deepEqual(throttle.check("ada", home, { first: true }), { allowed: true, delaySeconds: 5, known: false });
    }
    assert.ok(wait(throttle, "ada", home) > 0, "further ones have to wait");
  });

  it("counts all addresses of one IPv6 network as one", () => {
    const { throttle } = make();
    for (let index = 0; index < 4; index += 1) throttle.failed("ada", `2001:db8::${index}`);
    assert.ok(wait(throttle, "ada", "2001:db8::ffff") > 0);
    assert.equal(wait(throttle, "ada", "2001:db8:0:1::1"), 0);
  });

  it("keeps a bounded number of entries whatever is thrown at it, and the active ones among them", () => {
    const { throttle } = make();
    for (let index = 0; index < 60_000; index += 1) {
      throttle.failed(`user-${index}`, stranger);
      if (index % 1000 === 0) throttle.failed("ada", stranger);
    }
    assert.ok(throttle.size <= 25_000, `${throttle.size} entries`);
    assert.ok(wait(throttle, "ada", stranger) > 0);
  });

  it("lets an admin forgive an account", () => {
    const { throttle } = make();
    for (let index = 0; index < 20; index += 1) throttle.failed("ada", home);
    throttle.reset("ada");
    assert.equal(wait(throttle, "ada", home), 0);
  });
});
