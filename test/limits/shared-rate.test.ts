import assert from "node:assert/strict";
import * as fc from "fast-check";
import { SharedRateLimiter } from "../../src/limits/shared-rate.ts";
import type { Take } from "../../src/limits/rate.ts";
import { eventually } from "../support/eventually.ts";
import { SharedLimits, type Process } from "./shared-fixture.ts";

async function allowed(takes: readonly Promise<Take>[]): Promise<number> {
  return (await Promise.all(takes)).filter((take) => take.allowed).length;
}

describe("the shared rate limiter", () => {
  let shared: SharedLimits;
  let one: Process;
  let two: Process;

  before(async () => {
    shared = await SharedLimits.start();
    one = await shared.process();
    two = await shared.process();
  });
  beforeEach(() => shared.clear());
  after(() => shared[Symbol.asyncDispose]());

  // One take in 100 minutes: what time the test itself takes does not matter.
  const slow = { name: "runs", perMinute: 0.01, burst: 10 };

  it("counts what all processes take together, also in the same moment", async () => {
    const limiters = [one, two].map(({ state }) => new SharedRateLimiter({ ...slow, state }));
    const takes = Array.from({ length: 30 }, (_, index) => limiters[index % 2]?.take("ada") ?? assert.fail());
    assert.equal(await allowed(takes), 10);
    assert.equal(await allowed(limiters.map((limiter) => limiter.take("grace"))), 2, "others are not concerned");
  });

  it("says when to try again, and is right", async () => {
    const limiter = new SharedRateLimiter({ name: "runs", perMinute: 0.1, burst: 2, state: one.state });
    assert.equal(await allowed([limiter.take("ada"), limiter.take("ada")]), 2);
    const refused = await limiter.take("ada");
    assert.ok(
      !refused.allowed && refused.retryAfterSeconds > 400 && refused.retryAfterSeconds <= 600,
      JSON.stringify(refused),
    );
    await shared.advance(refused.retryAfterSeconds);
    assert.equal((await limiter.take("ada")).allowed, true);
    assert.equal((await limiter.take("ada")).allowed, false);
  });

  it("goes by the time when it is a take's turn, not when it came: takes of one moment may wait for each other", async () => {
    const limiter = new SharedRateLimiter({ name: "runs", perMinute: 10, burst: 2, state: one.state });
    const { database } = shared.fixture;
    await database.query(
      "INSERT INTO rate_limits (limit_name, subject, full_at, allowed) VALUES ('runs', 'ada', clock_timestamp(), true)",
    );
    let take: Promise<Take> | undefined;
    await database.transaction(async (connection) => {
      await connection.query("SELECT 1 FROM rate_limits WHERE subject = 'ada' FOR UPDATE", []);
      take = limiter.take("ada");
      await eventually(
        async () =>
          (
            await database.query<{ waits: boolean }>(
              "SELECT count(*) > 0 AS waits FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()",
            )
          )[0]?.waits === true,
      );
      await connection.query(
        "UPDATE rate_limits SET full_at = clock_timestamp() + interval '6 seconds' WHERE subject = 'ada'",
        [],
      );
    });
    assert.deepEqual(await take, { allowed: true, retryAfterSeconds: 0 });
    assert.equal((await limiter.take("ada")).allowed, false);
  });

  it("multiplies by role", async () => {
    const limiter = new SharedRateLimiter({ ...slow, state: one.state, factors: { student: 1, professor: 3 } });
    const take = (key: string, role?: string) => Array.from({ length: 40 }, () => limiter.take(key, role));
    assert.equal(await allowed(take("ada", "student")), 10);
    assert.equal(await allowed(take("prof", "professor")), 30);
    assert.equal(await allowed(take("x")), 10);
  });

  it("can be reset by an admin, lists who has taken something, and forgets those who rest", async () => {
    const limiter = new SharedRateLimiter({ ...slow, state: one.state });
    await Promise.all(Array.from({ length: 11 }, () => limiter.take("ada")));
    await limiter.take("grace");
    const list = await two.state.list();
    assert.deepEqual(
      list.map(({ limit, subject, allowed: last }) => ({ limit, subject, last })),
      [
        { limit: "runs", subject: "ada", last: false },
        { limit: "runs", subject: "grace", last: true },
      ],
    );
    assert.equal(await limiter.reset("ada"), true);
    assert.equal(await limiter.reset("ada"), false);
    assert.equal((await limiter.take("ada")).allowed, true);
    assert.equal(await one.state.sweep(), 0);
    await shared.advance(100_000);
    assert.deepEqual(await two.state.list(), []);
    assert.equal(await one.state.sweep(), 2);
    assert.equal(await shared.rows(), 0);
  });

  for (const outage of ["cut", "silence"] as const) {
    it(`keeps the limit by itself when the database is out of reach (${outage}), at once, and shares again afterwards`, async () => {
      const hasty = await shared.process(10);
      const limiter = new SharedRateLimiter({ ...slow, state: hasty.state });
      const other = new SharedRateLimiter({ ...slow, state: two.state });
      await Promise.all(Array.from({ length: 4 }, () => limiter.take("ada")));
      hasty.network[outage]();
      const began = performance.now();
      // What was taken before is not forgotten.
      assert.equal(await allowed(Array.from({ length: 30 }, () => limiter.take("ada"))), 6);
      assert.equal(await allowed(Array.from({ length: 30 }, () => limiter.take("ada"))), 0);
      assert.ok(performance.now() - began < 7500, "nobody waits for a statement's time limit");
      hasty.network.restore();
      // Until the pool has noticed all of its connections that are dead.
      await eventually(async () => {
        const answers = await Promise.all(
          Array.from({ length: 10 }, () => hasty.state.ask("SELECT pg_sleep(0.01)", [])),
        );
        return !answers.includes(undefined);
      });
      const takes = [limiter, other].flatMap((each) => Array.from({ length: 8 }, () => each.take(`grace ${outage}`)));
      assert.equal(await allowed(takes), 10);
    });
  }

  it("agrees with a simple model, whoever takes, resets, sweeps or waits", async () => {
    const cost = 100;
    const key = fc.constantFrom("ada", "grace", "x".repeat(500));
    const step = fc.oneof(
      {
        weight: 6,
        arbitrary: fc.record({
          kind: fc.constant("take" as const),
          key,
          by: fc.nat(1),
          times: fc.integer({ min: 1, max: 5 }),
        }),
      },
      // Never near a multiple of the cost: the milliseconds of the test itself must not decide.
      {
        weight: 3,
        arbitrary: fc.record({
          kind: fc.constant("wait" as const),
          seconds: fc.integer({ min: 0, max: 4 }).map((n) => n * cost + 37),
        }),
      },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant("reset" as const), key, by: fc.nat(1) }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant("sweep" as const), by: fc.nat(1) }) },
    );
    type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;
    const run = async (steps: readonly Step[]): Promise<void> => {
      await shared.clear();
      const burst = 4;
      const limiters = [one, two].map(({ state }) => ({
        state,
        limiter: new SharedRateLimiter({ name: "model", perMinute: 60 / cost, burst, state }),
      }));
      const full = new Map<string, number>();
      let now = 0;
      for (const action of steps) {
        if (action.kind === "wait") {
          now += action.seconds;
          await shared.advance(action.seconds);
          continue;
        }
        const { limiter, state } = limiters[action.by] ?? assert.fail();
        if (action.kind === "sweep") await state.sweep();
        else if (action.kind === "reset") {
          await limiter.reset(action.key);
          full.delete(action.key);
        } else {
          for (let count = 0; count < action.times; count += 1) {
            const ahead: number = Math.max(full.get(action.key) ?? 0, now) - now;
            const expected: boolean = ahead <= cost * (burst - 1);
            const take = await limiter.take(action.key);
            assert.equal(take.allowed, expected, `${action.key.slice(0, 5)} at ${now}, ${ahead} ahead`);
            if (expected) full.set(action.key, now + ahead + cost);
            else assert.ok(Math.abs(take.retryAfterSeconds - (ahead - cost * (burst - 1))) < 20);
          }
        }
      }
    };
    await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), run), { numRuns: 40 });
  });
});
