import assert from "node:assert/strict";
import { silentLog } from "../../src/base/log.ts";
import { UserError } from "../../src/base/errors.ts";
import { flushMs, UsageCounter } from "../../src/classroom/usage-counter.ts";
import { pruneUsage } from "../../src/classroom/usage-retention.ts";
import { usageByDay, usageByStudent } from "../../src/classroom/usage-table.ts";
import { daysOf, useOf } from "../../src/commands/usage-report.ts";
import type { Database } from "../../src/db/database.ts";
import { testDatabase, type TestDatabase } from "../support/database.ts";
import { FakeClock } from "../support/fake-clock.ts";

const range = { from: "2000-01-01", to: "2100-01-01" };
const student = (id: number) => ({ id, role: "student" as const });

describe("counts of use", () => {
  let held: TestDatabase;
  let database: Database;
  let clock: FakeClock;
  before(async () => {
    held = await testDatabase();
    database = held.database;
  });
  after(() => held[Symbol.asyncDispose]());
  beforeEach(async () => {
    clock = new FakeClock();
    await database.query("DELETE FROM usage_days");
  });

  const counterOn = (on: Pick<Database, "queryAtOnce">) =>
    new UsageCounter({ database: on as Database, clock, log: silentLog });
  const sumsOfAll = async () => useOf((await usageByDay(database, range)).map(({ sums }) => sums));

  it("cost one statement for all that happened since the last, and none while nothing happens", async () => {
    let statements = 0;
    await using counter = counterOn({
      queryAtOnce: (text, values) => {
        statements += 1;
        return database.queryAtOnce(text, values);
      },
    });
    for (let run = 0; run < 1000; run++) counter.run(student(run % 50), run % 2 === 0 ? "ok" : "error");
    counter.active(student(1), 90_000);
    assert.equal(statements, 0);
    clock.advance(flushMs);
    await counter.flush();
    clock.advance(3 * flushMs);
    await counter.flush();
    assert.equal(statements, 1);
    const { runs, outcomes, seconds } = await sumsOfAll();
    assert.deepEqual([runs, outcomes, seconds], [1000, { ok: 500, error: 500 }, 90]);
  });

  it("of several processes at the same moment add up", async () => {
    const counters = Array.from({ length: 8 }, () => counterOn(database));
    for (let round = 0; round < 5; round++) {
      for (const [index, counter] of counters.entries())
        for (let person = 0; person < 40; person++) {
          // In another order in each process: rows must not be locked in the order in which things happened.
          const id = index % 2 === 0 ? person : 39 - person;
          counter.login(student(id));
          counter.error(student(id), "NameError");
        }
      await Promise.all(counters.map((counter) => counter.flush()));
    }
    for (const counter of counters) await counter[Symbol.asyncDispose]();
    const { logins, errors } = await sumsOfAll();
    assert.deepEqual([logins, errors], [1600, { NameError: 1600 }]);
  });

  it("are stored at the end of a process", async () => {
    {
      await using counter = counterOn(database);
      counter.login(student(7));
    }
    assert.equal((await sumsOfAll()).logins, 1);
  });

  it("wait while the database is away, as many as there is room for, and are then stored once", async () => {
    let away = true;
    const warned: unknown[] = [];
    await using counter = new UsageCounter({
      database: {
        queryAtOnce: (text: string, values: readonly unknown[]) =>
          away
            ? Promise.reject(new UserError("database-unavailable", "the database is away"))
            : database.queryAtOnce(text, values),
      } as Database,
      clock,
      log: { ...silentLog, warn: (_, fields) => void warned.push(fields?.["left"]) },
    });
    for (let person = 0; person < 12_000; person++) counter.login(student(person));
    await counter.flush();
    await counter.flush();
    away = false;
    await counter.flush();
    assert.equal((await sumsOfAll()).logins, 10_000);
    assert.deepEqual(warned, [2000]);
  });

  it("are of students, by Python's own types of errors however many a program invents, and by the day of the server", async () => {
    {
      await using counter = counterOn(database);
      counter.login({ id: 1, role: "professor" });
      counter.error({ id: 1, role: "ta" }, "NameError");
      for (let invented = 0; invented < 500; invented++) counter.error(student(2), `Invented${invented}Error`);
      counter.error(student(2), "KeyError");
      clock.advance(86_400_000);
      counter.error(student(2), "KeyError");
    }
    const days = await usageByDay(database, range);
    assert.deepEqual(
      days.map(({ sums, students }) => [students, useOf([sums]).errors]),
      [
        [1, { other: 500, KeyError: 1 }],
        [1, { KeyError: 1 }],
      ],
    );
    assert.equal((await usageByStudent(database, range)).length, 1);
  });

  it("are removed when they are older than the setting says, and the clock can be trusted", async () => {
    {
      await using counter = counterOn(database);
      counter.login(student(1));
      clock.advance(10 * 86_400_000);
      counter.login(student(1));
    }
    const options = { database, keepDays: 7, mayRemove: () => Promise.resolve(true), clock, log: silentLog };
    assert.equal(await pruneUsage({ ...options, keepDays: 0 }), 0);
    assert.equal(await pruneUsage({ ...options, mayRemove: () => Promise.resolve(false) }), 0);
    assert.equal(await pruneUsage(options), 1);
    assert.equal((await sumsOfAll()).logins, 1);
  });

  it("have every day of a range once, also where clocks change", () => {
    const days = daysOf({ from: "2026-03-20", to: "2026-04-05" });
    assert.equal(days.length, 17);
    assert.equal(new Set(days).size, 17);
    assert.deepEqual([days[0], days.at(-1)], ["2026-03-20", "2026-04-05"]);
  });
});
