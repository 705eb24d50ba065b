import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Audit } from "../../src/auth/audit.ts";
import { verifyChain } from "../../src/auth/audit-chain.ts";
import { keepAuditShort, pruneAudit } from "../../src/auth/audit-retention.ts";
import { silentLog } from "../../src/base/log.ts";
import { migrationsDirectory } from "../../src/db/migrate.ts";
import { emptyDatabase, testDatabase, type TestDatabase } from "../support/database.ts";
import { eventually } from "../support/eventually.ts";
import { FakeClock } from "../support/fake-clock.ts";

describe("the chain of the audit trail", () => {
  let fixture: TestDatabase;
  let audit: Audit;

  beforeEach(async () => {
    fixture = await testDatabase();
    audit = new Audit(fixture.database, silentLog);
  });
  afterEach(() => fixture[Symbol.asyncDispose]());

  const verify = (noted?: { id: number; hash: string }) => verifyChain(fixture.database, noted);
  const sql = (text: string): Promise<object[]> => fixture.database.query(text);

  async function fill(count: number): Promise<void> {
    await Promise.all(
      Array.from({ length: count }, (_, i) =>
        audit.record({
          actor: `user${i}`,
          address: "10.0.0.7",
          action: "login",
          result: "ok",
          detail: { i, é: 'ü"\\', f: 1.5 },
        }),
      ),
    );
  }

  /** What only the owner of the database can do: the triggers are off. */
  async function tamper(...statements: string[]): Promise<void> {
    await fixture.database.transaction(async (queryable) => {
      await queryable.query("SET LOCAL session_replication_role = replica");
      for (const statement of statements) await queryable.query(statement);
    });
  }

  it("is unbroken after many entries from several processes at once, in one order of number and time", async () => {
    const others = [1, 2, 3].map(() => new Audit(fixture.database, silentLog));
    await Promise.all([
      fill(250),
      ...others.flatMap((other, at) =>
        Array.from({ length: 40 }, () => other.record({ actor: `node${at}`, action: "test", result: "ok" })),
      ),
    ]);
    const verdict = await verify();
    assert.deepEqual(
      { ...verdict, since: 0, head: verdict.head.id },
      { entries: 370, since: 0, head: 370, removed: 0, break: undefined },
    );
    const [{ wrong } = { wrong: -1 }] = await fixture.database.query<{ wrong: number }>(
      "SELECT count(*) AS wrong FROM audit_log a JOIN audit_log b ON b.id = a.id + 1 WHERE b.at < a.at",
    );
    assert.equal(wrong, 0);
    // One process's entries are in the order in which they came.
    const own = (await audit.list({ action: "login", limit: 1000 })).map(({ actor }) => actor).toReversed();
    assert.deepEqual(
      own,
      Array.from({ length: 250 }, (_, i) => `user${i}`),
    );
  });

  it("is empty and unbroken at the start", async () => {
    const { entries, break: broken, since } = await verify();
    assert.deepEqual({ entries, broken, since }, { entries: 0, broken: undefined, since: undefined });
  });

  it("refuses to be changed or shortened", async () => {
    await fill(3);
    const attempts = [
      "UPDATE audit_log SET actor = 'x'",
      "DELETE FROM audit_log WHERE id = 3",
      "DELETE FROM audit_log",
      "TRUNCATE audit_log",
      "UPDATE audit_head SET id = 4",
      "DELETE FROM audit_head",
      "TRUNCATE audit_head",
      "INSERT INTO audit_head VALUES (false, 1, decode(repeat('00', 32), 'hex'))",
      "UPDATE audit_anchor SET id = 2",
      "UPDATE audit_anchor SET id = 9, hash = (SELECT hash FROM audit_head)",
      "DELETE FROM audit_anchor",
      "TRUNCATE audit_anchor",
    ];
    for (const attempt of attempts)
      await assert.rejects(
        sql(attempt),
        (error: Error) => /append-only/.test(`${error.message} ${String(error.cause)}`),
        attempt,
      );
    assert.equal((await verify()).entries, 3);
    // Number, time and hash are not the writer's to choose.
    await sql(
      "INSERT INTO audit_log (id, at, actor, action, result, hash) VALUES (77, '2001-01-01', 'x', 'y', 'ok', 'abc')",
    );
    const [last] = await audit.list({ limit: 1 });
    assert.equal(last?.id, 4);
    assert.ok((last?.at.getFullYear() ?? 0) > 2001);
    assert.equal((await verify()).break, undefined);
  });

  const tamperings: readonly (readonly [string, readonly string[], { id: number; what: string }])[] = [
    ["a changed field", ["UPDATE audit_log SET subject = 'eve' WHERE id = 4"], { id: 4, what: "changed" }],
    [
      "a changed detail",
      ["UPDATE audit_log SET detail = detail || '{\"i\": 7}' WHERE id = 4"],
      { id: 4, what: "changed" },
    ],
    [
      "a changed time",
      ["UPDATE audit_log SET at = at + interval '1 microsecond' WHERE id = 2"],
      { id: 2, what: "changed" },
    ],
    [
      "a changed entry with its hash made new",
      [
        "UPDATE audit_log l SET actor = 'eve' WHERE id = 4",
        "UPDATE audit_log l SET hash = audit_hash((SELECT hash FROM audit_log WHERE id = 3), l) WHERE id = 4",
      ],
      { id: 5, what: "changed" },
    ],
    ["a removed entry", ["DELETE FROM audit_log WHERE id = 3"], { id: 3, what: "removed" }],
    ["a removed first entry", ["DELETE FROM audit_log WHERE id = 1"], { id: 1, what: "removed" }],
    [
      "a removed entry whose place was closed",
      [
        "DELETE FROM audit_log WHERE id = 3",
        "UPDATE audit_log SET id = 3 WHERE id = 4",
        "UPDATE audit_log SET id = 4 WHERE id = 5",
        "UPDATE audit_log SET id = 5 WHERE id = 6",
      ],
      { id: 3, what: "changed" },
    ],
    ["removed last entries", ["DELETE FROM audit_log WHERE id > 4"], { id: 5, what: "removed" }],
    [
      "a removed last entry with its head",
      ["DELETE FROM audit_log WHERE id = 6", "UPDATE audit_head SET id = 5"],
      { id: 5, what: "changed" },
    ],
    [
      "exchanged entries",
      [
        "UPDATE audit_log SET id = 99 WHERE id = 2",
        "UPDATE audit_log SET id = 2 WHERE id = 3",
        "UPDATE audit_log SET id = 3 WHERE id = 99",
      ],
      { id: 2, what: "changed" },
    ],
    [
      "an added entry",
      [
        "INSERT INTO audit_log (id, actor, action, result, hash) VALUES (7, 'eve', 'login', 'ok', decode(repeat('00', 32), 'hex'))",
      ],
      { id: 7, what: "added" },
    ],
    ["an entry that has no head", ["DELETE FROM audit_head"], { id: 0, what: "removed" }],
  ];
  for (const [name, statements, expected] of tamperings) {
    it(`shows ${name}`, async () => {
      await fill(6);
      await tamper(...statements);
      assert.deepEqual((await verify()).break, expected);
    });
  }

  it("shows a trail that was written anew to whoever noted its head", async () => {
    await fill(4);
    const { head } = await verify();
    await fill(2);
    assert.equal((await verify(head)).break, undefined);
    await tamper(
      "UPDATE audit_log SET actor = 'eve' WHERE id = 2",
      ...[2, 3, 4, 5, 6].map(
        (id) =>
          `UPDATE audit_log l SET hash = audit_hash((SELECT hash FROM audit_log WHERE id = ${id - 1}), l) WHERE id = ${id}`,
      ),
      "UPDATE audit_head SET hash = (SELECT hash FROM audit_log WHERE id = 6)",
    );
    assert.equal((await verify()).break, undefined);
    assert.deepEqual((await verify(head)).break, { id: 4, what: "noted" });
    assert.deepEqual((await verify({ id: 40, hash: head.hash })).break, { id: 7, what: "removed" });
  });

  it("goes on from its anchor when old entries are removed, in batches, and says how many", async () => {
    await fill(5);
    const clock = new FakeClock();
    clock.advance(Date.now() + 86_400_000 - clock.now());
    const options = {
      database: fixture.database,
      audit,
      keepDays: 1,
      mayRemove: () => Promise.resolve(true),
      clock,
      log: silentLog,
    };
    assert.equal(await pruneAudit({ ...options, keepDays: 0 }), 0);
    assert.equal(await pruneAudit({ ...options, mayRemove: () => Promise.resolve(false) }), 0);
    assert.equal(await pruneAudit({ ...options, keepDays: 2 }), 0);
    const [three] = await fixture.database.query<{ removed: number }>(
      "SELECT audit_prune(now() + interval '1 hour', 3) AS removed",
    );
    assert.equal(three?.removed, 3);
    const { entries, removed, break: broken } = await verify();
    assert.deepEqual({ entries, removed, broken }, { entries: 2, removed: 3, broken: undefined });
    clock.advance(60_000);
    assert.equal(await pruneAudit(options), 2);
    const [entry] = await audit.list();
    assert.equal(entry?.action, "audit.prune");
    assert.equal(entry?.detail?.removed, 2);
    assert.deepEqual(
      { ...(await verify()), since: 0, head: 0 },
      { entries: 1, since: 0, head: 0, removed: 5, break: undefined },
    );
    await tamper("UPDATE audit_anchor SET id = 4");
    assert.equal((await verify()).break?.what, "removed");
  });

  it("is shortened by itself, from a minute after the start on", async () => {
    await fill(2);
    const clock = new FakeClock();
    clock.advance(Date.now() + 3 * 86_400_000 - clock.now());
    const keeping = keepAuditShort({
      database: fixture.database,
      audit,
      keepDays: 1,
      mayRemove: () => Promise.resolve(true),
      clock,
      log: silentLog,
    });
    clock.advance(60_000);
    await eventually(async () => (await audit.list()).some(({ action }) => action === "audit.prune"));
    assert.equal((await audit.list()).length, 1);
    keeping[Symbol.dispose]();
    assert.equal(clock.timers, 0);
  });
});

describe("the migration to a chain", () => {
  it("chains the entries that are there, whatever numbers they have, and leaves no gap", async () => {
    await using fixture = await emptyDatabase();
    const { database } = fixture;
    const apply = async (name: string): Promise<void> => {
      await database.query(await readFile(join(migrationsDirectory, `${name}.sql`), "utf8"));
    };
    await apply("0001_accounts");
    for (const actor of ["ada", "alan", "grace"]) {
      await database.query(
        "INSERT INTO audit_log (at, actor, action, result, detail) VALUES ('2026-01-02T03:04:05.678901Z', $1, 'login', 'ok', '{\"a\": 1}')",
        [actor],
      );
      await database.query("SELECT nextval(pg_get_serial_sequence('audit_log', 'id'))");
    }
    await apply("0005_audit_chain");
    const verdict = await verifyChain(database);
    assert.deepEqual(
      { entries: verdict.entries, broken: verdict.break, since: verdict.since?.toISOString() },
      { entries: 3, broken: undefined, since: "2026-01-02T03:04:05.678Z" },
    );
    const audit = new Audit(database, silentLog);
    await audit.record({ actor: "tia", action: "login", result: "ok" });
    assert.deepEqual(
      (await audit.list()).map(({ id, actor }) => [id, actor]),
      [
        [4, "tia"],
        [3, "grace"],
        [2, "alan"],
        [1, "ada"],
      ],
    );
    assert.equal((await verifyChain(database)).entries, 4);
  });
});
