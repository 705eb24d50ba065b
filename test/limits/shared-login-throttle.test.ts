import assert from "node:assert/strict";
import { SharedLoginThrottle } from "../../src/limits/shared-login-throttle.ts";
import { eventually } from "../support/eventually.ts";
import { SharedLimits, type Process } from "./shared-fixture.ts";

const home = "10.0.0.1";
const stranger = "203.0.113.9";

describe("the shared login throttle", () => {
  let shared: SharedLimits;
  let one: Process;
  let two: Process;
  let first: SharedLoginThrottle;
  let second: SharedLoginThrottle;

  before(async () => {
    shared = await SharedLimits.start();
    one = await shared.process();
    two = await shared.process();
  });
  beforeEach(async () => {
    await shared.clear();
    const options = { freeFailures: 3, maxDelaySeconds: 30 };
    first = new SharedLoginThrottle({ ...options, state: one.state });
    second = new SharedLoginThrottle({ ...options, state: two.state });
  });
  after(() => shared[Symbol.asyncDispose]());

  /** Whole seconds that a refused try has to wait; 0 for one that is allowed (and then given up). */
  async function wait(throttle: SharedLoginThrottle, username: string, address: string): Promise<number> {
    const answer = await throttle.check(username, address);
    if (!answer.allowed) return Math.ceil(answer.retryAfterSeconds);
    throttle.abandoned(username, address);
    return 0;
  }

  it("counts failures at all servers, and lets the waits grow as a single one does", async () => {
    const waits: number[] = [];
    for (let index = 0; index < 9; index += 1) {
      const [here, there] = index % 2 === 0 ? [first, second] : [second, first];
      const seconds = await wait(here, "ada", stranger);
      waits.push(seconds);
      await shared.advance(seconds);
      await there.check("ada", stranger);
      await there.failed("ada", stranger);
    }
    assert.deepEqual(waits, [0, 0, 0, 1, 2, 4, 8, 16, 30]);
    assert.equal(await wait(first, "alan", stranger), 0, "others at the same address are not concerned");
  });

  it("starts afresh after the right password, after a quarter of an hour, and by an admin's word", async () => {
    const fail = async (): Promise<void> => {
      for (let index = 0; index < 6; index += 1) await first.failed("ada", home);
      assert.ok((await wait(second, "ada", home)) > 0);
    };
    await fail();
    await second.succeeded("ada", home);
    assert.equal(await wait(first, "ada", home), 0);
    await fail();
    await shared.advance(15 * 60 + 1);
    await second.failed("ada", home);
    assert.equal(await wait(first, "ada", home), 0);
    await fail();
    assert.equal(await second.reset("ada"), true);
    assert.equal(await wait(first, "ada", home), 0);
    assert.equal(await second.reset("ada"), false);
  });

  it("writes nothing for a right password where there is nothing to forget, and the address stays known", async () => {
    const row = async (): Promise<unknown> =>
      (
        await shared.fixture.database.query("SELECT xmin::text, failures FROM login_failures WHERE address = $1", [
          home,
        ])
      )[0];
    const logIn = async (throttle: SharedLoginThrottle): Promise<unknown> => {
      await throttle.check("ada", home);
      await throttle.succeeded("ada", home);
      return await row();
    };
    const written = await logIn(first);
    assert.deepEqual(await logIn(second), written);
    await shared.advance(13 * 3600);
    const moved = await row();
    assert.notDeepEqual(await logIn(first), moved, "known for a day again");
    // One attempt fails while another is under way.
    await first.check("ada", home);
    await first.check("ada", home);
    await first.failed("ada", home);
    await first.succeeded("ada", home);
    assert.equal(((await row()) as { failures: number }).failures, 0);
    await second.failed("ada", home);
    assert.deepEqual((await logIn(second)) as { failures: number }, { ...((await row()) as object), failures: 0 });
  });

  it("never locks Ada out, however many strangers guess from everywhere", async () => {
    await first.succeeded("ada", home);
    await Promise.all(Array.from({ length: 100 }, (_, index) => second.failed("ada", `203.0.113.${index}`)));
    assert.deepEqual(await second.check("ada", home), { allowed: true, delaySeconds: 0, known: true });
    assert.deepEqual(await first.check("ada", "198.51.100.1"), { allowed: true, delaySeconds: 2, known: false });
    assert.deepEqual(await first.check("alan", "198.51.100.1"), { allowed: true, delaySeconds: 0, known: false });
    assert.deepEqual(
      (await one.state.list()).slice(0, 1).map(({ limit, subject }) => [limit, subject]),
      [["login", "ada"]],
    );
  });

  it("stops guesses that are sent all at once", async () => {
    const volley = await Promise.all(Array.from({ length: 100 }, () => first.check("ada", stranger)));
    assert.equal(volley.filter(({ allowed }) => allowed).length, 64);
    for (let index = 0; index < 64; index += 1) first.abandoned("ada", stranger);
    assert.equal(await wait(first, "ada", stranger), 0);
  });

  it("always lets the first try of a connection be checked, and answers a no late", async () => {
    for (let index = 0; index < 100; index += 1) await first.failed("ada", home);
    const answers = await Promise.all(Array.from({ length: 200 }, () => second.check("ada", home, { first: true })));
    assert.deepEqual(new Set(answers.map((answer) => answer.allowed && answer.delaySeconds)), new Set([5]));
  });

  it("goes on by itself while the database is away, with what it saw before", async () => {
    for (let index = 0; index < 6; index += 1) await first.failed("ada", stranger);
    one.network.cut();
    assert.ok((await wait(first, "ada", stranger)) > 0);
    assert.equal(await wait(first, "grace", stranger), 0);
    await first.failed("grace", stranger);
    one.network.restore();
    await eventually(async () => {
      await first.failed("linus", stranger);
      return (await two.state.list()).some(({ subject }) => subject === "linus");
    });
  });

  it("takes any name and address that strangers send", async () => {
    for (const name of ["", "\0", "a".repeat(10_000), "ü\ud800", "'; DROP TABLE users"]) {
      for (const address of ["", "::1", "x".repeat(1000)]) {
        await first.failed(name, address);
        assert.equal(await wait(second, name, address), 0);
      }
    }
    assert.ok((await one.state.list()).length >= 5);
  });
});
