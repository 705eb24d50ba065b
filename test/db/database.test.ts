import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UserError } from "../../src/base/errors.ts";
import { silentLog } from "../../src/base/log.ts";
import { Database } from "../../src/db/database.ts";
import { startEmbeddedPostgres, type EmbeddedPostgres } from "../../src/db/embedded.ts";
import { isDuplicate, sqlState } from "../../src/db/database-failures.ts";
import { giveCluster } from "../support/cluster-template.ts";
import { poolOptions, testDatabase, type TestDatabase } from "../support/database.ts";
import { DatabaseProxy } from "../support/database-proxy.ts";
import { eventually } from "../support/eventually.ts";
import { fakePostgres } from "../support/fake-postgres.ts";

function isUnavailable(error: unknown): boolean {
  assert.ok(error instanceof UserError, String(error));
  assert.equal(error.code, "database-unavailable");
  return true;
}

describe("the database", () => {
  let fixture: TestDatabase;
  let database: Database;

  before(async () => {
    fixture = await testDatabase();
    database = fixture.database;
    await database.query("CREATE TABLE words (word text PRIMARY KEY)");
  });
  after(() => fixture[Symbol.asyncDispose]());

  const words = async (): Promise<string[]> =>
    (await database.queryRepeatable<{ word: string }>("SELECT word FROM words ORDER BY word")).map(({ word }) => word);

  it("gives rows as objects, with bigint as number and time as Date", async () => {
    const rows = await database.query(
      "SELECT $1::text AS text, 7::bigint AS number, to_timestamp(0) AS time, NULL AS nothing",
      ["x'; --"],
    );
    assert.deepEqual(rows, [{ text: "x'; --", number: 7, time: new Date(0), nothing: null }]);
    assert.ok(await database.ping());
    assert.ok(database.available);
  });

  it("passes on what the server refuses, with its SQLSTATE, and keeps the connection", async () => {
    const pid = async (): Promise<unknown> => (await database.query("SELECT pg_backend_pid() AS pid"))[0];
    const before = await pid();
    await database.query("INSERT INTO words VALUES ('plum')");
    await assert.rejects(database.query("INSERT INTO words VALUES ('plum')"), (error) =>
      isDuplicate(error, "words_pkey"),
    );
    await assert.rejects(database.query("SELEC 1"), (error) => sqlState(error) === "42601");
    assert.deepEqual(await pid(), before);
  });

  it("commits a transaction whole or not at all", async () => {
    await database.transaction(async (transaction) => {
      await transaction.query("INSERT INTO words VALUES ('ladder')");
      await transaction.query("INSERT INTO words VALUES ('fog')");
    });
    const bug = new Error("half-way");
    const failing = database.transaction(async (transaction) => {
      await transaction.query("INSERT INTO words VALUES ('lost')");
      throw bug;
    });
    await assert.rejects(failing, bug);
    assert.deepEqual(await words(), ["fog", "ladder", "plum"]);
  });

  it("does more at once than it has connections, and no more connections than set", async () => {
    await using narrow = await Database.connect({ ...poolOptions(fixture.url), poolSize: 2 });
    const rows = await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        narrow.query<{ index: number; pid: number }>("SELECT $1::int AS index, pg_backend_pid() AS pid", [index]),
      ),
    );
    assert.deepEqual(
      rows.map(([row]) => row?.index),
      [...rows.keys()],
    );
    assert.ok(new Set(rows.map(([row]) => row?.pid)).size <= 2);
  });

  it("cancels a statement that takes too long, and says so", async () => {
    await using hasty = await Database.connect({ ...poolOptions(fixture.url), statementTimeoutSeconds: 0.1 });
    await assert.rejects(
      hasty.query("SELECT pg_sleep(60)"),
      (error) => isUnavailable(error) && /took too long/.test(String(error)),
    );
    assert.ok(await hasty.ping());
  });

  it("has connections with a name and with a limit for forgotten transactions", async () => {
    const [row] = await database.query(
      "SELECT current_setting('application_name') AS name, current_setting('idle_in_transaction_session_timeout') AS idle",
    );
    assert.deepEqual(row, { name: "classh", idle: "10s" });
  });

  it("survives an administrator who ends its idle connections", async () => {
    await Promise.all(Array.from({ length: 5 }, () => database.query("SELECT pg_sleep(0.01)")));
    await using admin = await Database.connect(poolOptions(fixture.url));
    await admin.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
    );
    assert.deepEqual(await database.queryRepeatable("SELECT 1 AS one"), [{ one: 1 }]);
  });

  it("rolls back and says so when the connection breaks inside a transaction, and goes on afterwards", async () => {
    await using admin = await Database.connect(poolOptions(fixture.url));
    const broken = database.transaction(async (transaction) => {
      await transaction.query("INSERT INTO words VALUES ('torn')");
      const [row] = await transaction.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
      await admin.query("SELECT pg_terminate_backend($1, 5000)", [row?.pid]);
      await transaction.query("INSERT INTO words VALUES ('after')");
    });
    await assert.rejects(broken, isUnavailable);
    assert.deepEqual(await words(), ["fog", "ladder", "plum"]);
  });

  it("sends a reading statement again when its connection breaks under it, and a writing one never", async () => {
    await using admin = await Database.connect(poolOptions(fixture.url));
    await database.query("CREATE SEQUENCE sent");
    const slow = "SELECT nextval('sent'), pg_sleep(CASE WHEN currval('sent') = 1 THEN 30 ELSE 0 END)";
    const cut = async (): Promise<void> =>
      eventually(async () => {
        // It sleeps: before, the sequence would give the same number again, and the next try would sleep too.
        const ended = await admin.query(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'SELECT nextval%' AND wait_event = 'PgSleep' AND datname = current_database()",
        );
        return ended.length > 0;
      });
    const reading = database.queryRepeatable(slow);
    await cut();
    assert.equal((await reading).length, 1);
    await database.query("SELECT setval('sent', 1, false)");
    const writing = assert.rejects(database.query(slow), isUnavailable);
    await cut();
    await writing;
  });
});

describe("a database that goes away", () => {
  let directory: string;
  let server: EmbeddedPostgres;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), "classh-away-"));
    await giveCluster(join(directory, "postgres"));
    server = await startEmbeddedPostgres({ directory: join(directory, "postgres"), log: silentLog, durable: false });
  });
  after(async () => {
    await server[Symbol.asyncDispose]();
    await rm(directory, { recursive: true });
  });

  it("and comes back under load loses no read, and no write goes wrong without saying so", async () => {
    await using database = await Database.connect({ ...poolOptions(server.url), retrySeconds: 20 });
    await database.query("CREATE TABLE tally (number int PRIMARY KEY)");
    const load = { on: true };
    const acknowledged: number[] = [];
    let unsure = 0;
    let reads = 0;
    const writer = async (offset: number): Promise<void> => {
      for (let number = offset; load.on; number += 4) {
        try {
          await database.query("INSERT INTO tally VALUES ($1)", [number]);
          acknowledged.push(number);
        } catch (error) {
          isUnavailable(error);
          unsure += 1;
        }
      }
    };
    const reader = async (): Promise<void> => {
      for (; load.on; reads += 1) await database.queryRepeatable("SELECT count(*) FROM tally");
    };
    const everybody = Promise.all([writer(0), writer(1), writer(2), writer(3), reader(), reader(), reader()]);
    for (let round = 0; round < 3; round += 1) {
      const before = { writes: acknowledged.length, reads };
      await eventually(() => acknowledged.length > before.writes + 50 && reads > before.reads + 50);
      await server.stop();
      await server.start();
    }
    const before = { writes: acknowledged.length, reads };
    await eventually(() => acknowledged.length > before.writes + 50 && reads > before.reads + 50);
    load.on = false;
    await everybody;
    const stored = new Set(
      (await database.queryRepeatable<{ number: number }>("SELECT number FROM tally")).map(({ number }) => number),
    );
    assert.deepEqual(
      acknowledged.filter((number) => !stored.has(number)),
      [],
    );
    assert.ok(stored.size <= acknowledged.length + unsure);
    assert.ok(unsure <= 12, `${unsure} unsure writes: one per writer and stop at most`);
  });

  it("is waited for as long as set, and then it is said", async () => {
    await using patient = await Database.connect({ ...poolOptions(server.url), retrySeconds: 20 });
    await using hasty = await Database.connect({ ...poolOptions(server.url), retrySeconds: 0.1 });
    await server.stop();
    await assert.rejects(hasty.query("SELECT 1"), isUnavailable);
    assert.equal(hasty.available, false);
    assert.equal(await hasty.ping(), false);
    const waiting = patient.query("SELECT 1 AS one");
    const transaction = patient.transaction((inside) => inside.query("SELECT 2 AS two"));
    await eventually(() => !patient.available);
    await server.start();
    assert.deepEqual(await waiting, [{ one: 1 }]);
    assert.deepEqual(await transaction, [{ two: 2 }]);
    assert.ok(patient.available);
    assert.ok(await hasty.ping());
    assert.ok(hasty.available);
  });

  it("that accepts a question and says nothing is asked for a bounded time, and its connection is not used again", async () => {
    await using proxy = await DatabaseProxy.start(server.url);
    await using database = await Database.connect({ ...poolOptions(proxy.url), poolSize: 1, retrySeconds: 0.1 });
    proxy.silence();
    assert.equal(await database.ping(50), false);
    proxy.restore();
    await eventually(() => database.ping());
  });

  it("refuses more waiting callers than could ever be served, at once", async () => {
    // Nobody who waits gives up before the server is back.
    await using database = await Database.connect({ ...poolOptions(server.url), retrySeconds: 600 });
    await server.stop();
    const results = Promise.allSettled(Array.from({ length: 2500 }, () => database.query("SELECT 1")));
    await assert.rejects(database.query("SELECT 1"), isUnavailable);
    await server.start();
    const refused = (await results).filter((result) => result.status === "rejected");
    assert.equal(refused.length, 500);
    for (const { reason } of refused) isUnavailable(reason);
  });
});

describe("a server that is no good", () => {
  it("and ends connections as soon as they are ready is asked again", async () => {
    await using fake = await fakePostgres(150004, "15.4", { broken: 3 });
    await using database = await Database.connect(poolOptions(fake.url));
    assert.deepEqual(await database.queryRepeatable("SELECT number, name"), [{ number: 150004, name: "15.4" }]);
  });

  for (const [what, use] of [
    ["a statement that may be sent once", (database: Database) => database.query("SELECT number, name")],
    [
      "a transaction",
      (database: Database) =>
        database.transaction(async (transaction) => await transaction.query("SELECT number, name")),
    ],
    [
      "a question without patience, when it is asked once more",
      async (database: Database) => {
        await assert.rejects(database.queryAtOnce("SELECT number, name"), isUnavailable);
        return await database.queryAtOnce("SELECT number, name");
      },
    ],
    [
      "a ping, which is not answered then",
      async (database: Database) => {
        assert.equal(await database.ping(), false);
        return await database.query("SELECT number, name");
      },
    ],
  ] as const) {
    it(`and ends its next connection as soon as that is ready loses nothing of ${what}`, async () => {
      await using fake = await fakePostgres(150004, "15.4");
      await using database = await Database.connect(poolOptions(fake.url));
      // It keeps the one connection that there is.
      await database.transaction(async () => {
        fake.breakNext();
        assert.deepEqual(await use(database), [{ number: 150004, name: "15.4" }]);
      });
    });
  }

  it("and too old is refused with its version", async () => {
    await using fake = await fakePostgres(140009, "14.9");
    await assert.rejects(Database.connect(poolOptions(fake.url)), (error) => {
      assert.ok(error instanceof UserError);
      assert.equal(error.code, "database-unsupported");
      assert.match(error.message, /PostgreSQL 14\.9, and classh needs 15/);
      return true;
    });
  });

  it("and refuses us is quoted, without the password in its URL", async () => {
    await using fixture = await testDatabase();
    const url = fixture.url.replace("classh@/test_", "classh:hunter2@/no_such_database_");
    await assert.rejects(Database.connect(poolOptions(url)), (error) => {
      assert.ok(error instanceof UserError);
      assert.equal(error.code, "database-failed");
      assert.match(error.message, /database "no_such_database_\d+" does not exist/);
      assert.ok(!`${error.message} ${error.hint}`.includes("hunter2"));
      return true;
    });
  });

  it("and is not there at all is unavailable", async () => {
    await assert.rejects(
      Database.connect({ ...poolOptions("postgresql://classh@/x?host=/nowhere"), retrySeconds: 0 }),
      isUnavailable,
    );
  });
});
