import assert from "node:assert/strict";
import { appendFile, cp, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UserError } from "../../src/base/errors.ts";
import { silentLog } from "../../src/base/log.ts";
import { packageVersion } from "../../src/base/package-version.ts";
import { migrate, migrationsDirectory } from "../../src/db/migrate.ts";
import { emptyDatabase, testDatabase, type TestDatabase } from "../support/database.ts";

describe("migrations", () => {
  let fixture: TestDatabase;
  let directory: string;

  beforeEach(async () => {
    fixture = await emptyDatabase();
    directory = await mkdtemp(join(tmpdir(), "classh-migrations-"));
  });
  afterEach(async () => {
    await fixture[Symbol.asyncDispose]();
    await rm(directory, { recursive: true });
  });

  const write = (name: string, sql: string): Promise<void> => writeFile(join(directory, name), sql);
  const run = (): Promise<string[]> => migrate(fixture.url, silentLog, directory);

  async function tables(): Promise<string[]> {
    const rows = await fixture.database.query<{ name: string }>(
      "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' AND tablename NOT LIKE 'migration%' ORDER BY 1",
    );
    return rows.map(({ name }) => name);
  }

  async function refusal(): Promise<string> {
    try {
      await run();
    } catch (error) {
      assert.ok(error instanceof UserError, String(error));
      assert.equal(error.code, "migration-failed");
      return error.message;
    }
    return "applied";
  }

  it("of this repository apply to an empty database, once, and have names in order", async () => {
    const files = (await readdir(migrationsDirectory)).sort().map((file) => file.replace(/\.sql$/, ""));
    for (const file of files) assert.match(file, /^\d{4}_[a-z_]+$/);
    assert.deepEqual(await migrate(fixture.url, silentLog), files);
    assert.deepEqual(await migrate(fixture.url, silentLog), []);
    assert.ok((await tables()).includes("users"));
  });

  it("bring the database of classh 0.1.0 up to date, and keep its accounts and its audit trail", async () => {
    const first = "0001_accounts";
    await cp(join(migrationsDirectory, `${first}.sql`), join(directory, `${first}.sql`));
    assert.deepEqual(await run(), [first]);
    await fixture.database.query(
      "INSERT INTO users (username, name, section, role, password_hash) VALUES ('ada', 'Ada Lovelace', 'A', 'student', 'a hash')",
    );
    await fixture.database.query("INSERT INTO audit_log (actor, action, result) VALUES ('ada', 'login', 'ok')");
    assert.ok((await migrate(fixture.url, silentLog)).length > 5);
    assert.deepEqual(await fixture.database.query("SELECT username, name, section, password_hash FROM users"), [
      { username: "ada", name: "Ada Lovelace", section: "A", password_hash: "a hash" },
    ]);
    assert.deepEqual(await fixture.database.query("SELECT name FROM sections"), [{ name: "A" }]);
    assert.deepEqual(await fixture.database.query("SELECT actor, action, octet_length(hash) AS hash FROM audit_log"), [
      { actor: "ada", action: "login", hash: 32 },
    ]);
  });

  it("run once although several nodes start at the same moment, and all of them wait for it", async () => {
    await write("0001_a.sql", "CREATE TABLE a (); SELECT pg_sleep(0.2);");
    await write("0002_b.sql", "CREATE TABLE b (); -- no line end");
    const results = await Promise.all(
      Array.from({ length: 6 }, async () => {
        const applied = await run();
        assert.deepEqual(await tables(), ["a", "b"]);
        return applied.length;
      }),
    );
    assert.deepEqual(
      results.toSorted((x, y) => x - y),
      [0, 0, 0, 0, 0, 2],
    );
  });

  it("that fail leave nothing half done, name the file, and can be repaired", async () => {
    await write("0001_good.sql", "CREATE TABLE good ();");
    await write("0002_bad.sql", "CREATE TABLE half_done (); CREATE TABLE broken (oops nonsense);");
    assert.match(await refusal(), /^can't apply 0002_bad\.sql to.*type "nonsense" does not exist \(SQLSTATE 42704\)/);
    assert.deepEqual(await tables(), []);
    await write("0002_bad.sql", "CREATE TABLE repaired ();");
    assert.deepEqual(await run(), ["0001_good", "0002_bad"]);
    assert.deepEqual(await tables(), ["good", "repaired"]);
  });

  it("that were changed after they had been applied are refused by name", async () => {
    await cp(migrationsDirectory, directory, { recursive: true });
    await run();
    const [first = ""] = (await readdir(directory)).sort();
    await appendFile(join(directory, first), "\n-- a small correction\n");
    await write("9999_next.sql", "CREATE TABLE next ();");
    const message = await refusal();
    assert.ok(message.startsWith(`can't apply ${first} to`) && /changed after/.test(message), message);
    assert.ok(!(await tables()).includes("next"));
  });

  it("that come before one that was applied already are refused", async () => {
    await write("0002_b.sql", "CREATE TABLE b ();");
    await run();
    await write("0001_late.sql", "CREATE TABLE late ();");
    assert.match(await refusal(), /^can't apply 0001_late\.sql to.*comes before 0002_b\.sql/);
    assert.deepEqual(await tables(), ["b"]);
  });

  it("of a newer classh are refused with both versions when they need to be known, and let an older one work when not", async () => {
    const version = await packageVersion();
    await write("0001_a.sql", "CREATE TABLE a (old_name text);");
    await run();
    const older = await mkdtemp(join(tmpdir(), "classh-older-"));
    try {
      const runOlder = (): Promise<string[]> => migrate(fixture.url, silentLog, older);
      await cp(directory, older, { recursive: true });
      await write("0002_b.sql", "-- What follows 0001.\nALTER TABLE a ADD COLUMN new_name text;");
      await run();
      assert.deepEqual(await runOlder(), [], "what is only added hinders nobody");
      const middle = await mkdtemp(join(tmpdir(), "classh-middle-"));
      await cp(directory, middle, { recursive: true });
      await write("0003_c.sql", "-- Nobody reads it any more.\n-- needs: 0002_b\nALTER TABLE a DROP COLUMN old_name;");
      await run();
      await fixture.database.query("UPDATE migration_checksums SET version = '9.8.7' WHERE name = '0003_c'");
      assert.deepEqual(await migrate(fixture.url, silentLog, middle), []);
      await rm(middle, { recursive: true });
      await assert.rejects(runOlder(), (error: unknown) => {
        assert.ok(error instanceof UserError);
        assert.equal(error.code, "migration-failed");
        assert.equal(
          error.message,
          `this is classh ${version}, and the database was changed by classh 9.8.7 in a way that this one can't work with (0003_c)`,
        );
        assert.match(error.hint ?? "", /^The database is unchanged\. Start that version or a newer one; .*backup/);
        return true;
      });
    } finally {
      await rm(older, { recursive: true });
    }
  });

  it("find the database of 0.2.0, which noted no versions", async () => {
    await write("0001_a.sql", "CREATE TABLE a ();");
    await run();
    await fixture.database.query("ALTER TABLE migration_checksums DROP COLUMN version, DROP COLUMN needs");
    await write("0002_b.sql", "CREATE TABLE b ();");
    assert.deepEqual(await run(), ["0002_b"]);
    const version = await packageVersion();
    assert.deepEqual(await fixture.database.query("SELECT name, version FROM migration_checksums ORDER BY name"), [
      { name: "0001_a", version: null },
      { name: "0002_b", version },
    ]);
  });

  it("may not end the transaction that they all run in", async () => {
    await write("0001_sly.sql", "CREATE TABLE sly ();\nCOMMIT;\nCREATE TABLE sly ();");
    assert.match(await refusal(), /^can't apply 0001_sly\.sql .*begins or ends a transaction/);
    assert.deepEqual(await tables(), []);
  });

  it("may hold functions, quotes and dollar signs", async () => {
    await write(
      "0001_f.sql",
      "CREATE FUNCTION f() RETURNS text LANGUAGE plpgsql AS $$\nBEGIN\n  RETURN '{x} $1 ''q''';\nEND $$;\n",
    );
    await run();
    assert.deepEqual(await fixture.database.query("SELECT f()"), [{ f: "{x} $1 'q'" }]);
  });

  it("say that the database cannot be reached when it cannot", async () => {
    await assert.rejects(migrate("postgresql://classh@/classh?host=/nowhere", silentLog, directory), {
      code: "database-unavailable",
    });
  });

  it("write down what they made; a start notices what is missing or different by then, and nothing that was added", async () => {
    await migrate(fixture.url, silentLog);
    await fixture.database.query("CREATE TABLE beside (x integer)");
    await fixture.database.query("CREATE INDEX beside_index ON users (name)");
    assert.deepEqual(await migrate(fixture.url, silentLog), []);
    const damage: readonly (readonly [string, RegExp])[] = [
      ["DROP TABLE hands", /not as classh made it: table hands is missing$/],
      ["ALTER TABLE users DROP COLUMN email", /column users\.email is missing/],
      ["ALTER TABLE users ALTER COLUMN name DROP NOT NULL", /column users\.name is not as it was made/],
      ["DROP FUNCTION lock_sweep", /function lock_sweep\(text\) is missing/],
      [
        "CREATE OR REPLACE FUNCTION lock_enter(p_name text) RETURNS void LANGUAGE sql AS 'SELECT 1'",
        /function lock_enter\(text\) is not as it was made/,
      ],
      ["ALTER TABLE audit_log DISABLE TRIGGER USER", /trigger audit_log\.\w+ is not as it was made/],
    ];
    for (const [statement, words] of damage) {
      await using copy = await testDatabase(); // migrated already
      await copy.database.query(statement);
      const refused = (error: unknown): boolean =>
        error instanceof UserError &&
        error.code === "database-failed" &&
        words.test(error.message) &&
        error.hint !== undefined;
      await assert.rejects(migrate(copy.url, silentLog), refused, statement);
    }
  });
});
