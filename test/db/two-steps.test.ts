/** Old and new releases on one database: what the one before this sends still works, and migrations only add. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { migrationsDirectory } from "../../src/db/migrate.ts";
import { needsOf } from "../../src/db/schema-reach.ts";
import { testDatabase } from "../support/database.ts";
import released from "./released-statements.json" with { type: "json" };

/** The newest migration of the release whose statements were recorded. */
const lastReleased = "0019_schema_record";

/** What a program that does not know of it would stumble over. */
const breaking: readonly (readonly [string, RegExp])[] = [
  ["removes something", /\bDROP\s+(?!TRIGGER\b|INDEX\b|DEFAULT\b|NOT\s+NULL\b)\w+/i],
  ["empties a table", /\bTRUNCATE\b/i],
  ["renames something", /\bRENAME\s+(TO|COLUMN|CONSTRAINT|\w+\s+TO)\b/i],
  ["changes a column's type", /\bALTER\s+(COLUMN\s+)?\w+\s+(SET\s+DATA\s+)?TYPE\b/i],
  [
    "wants a column that is not sent yet",
    /\bSET\s+NOT\s+NULL\b|\bADD\s+COLUMN\s+(?![^;,]*\bDEFAULT\b)[^;,]*\bNOT\s+NULL\b/i,
  ],
  ["refuses rows that were good", /\bALTER\s+TABLE[^;]*\bADD\s+(CONSTRAINT|CHECK|UNIQUE|FOREIGN)\b/i],
];

/** What is wrong with a migration that does not say what it needs. */
function breaches(sql: string): readonly string[] {
  const code = sql.replaceAll(/--.*$/gm, "");
  // A table that the same file makes is nobody's yet.
  const own = [...code.matchAll(/CREATE TABLE (?:IF NOT EXISTS )?(\w+)/gi)].flatMap(([, name]) => name ?? []);
  const rest = own.reduce(
    (text, name) => text.replaceAll(new RegExp(`ALTER\\s+TABLE\\s+${name}\\b[^;]*;`, "gi"), ""),
    code,
  );
  return breaking.filter(([, pattern]) => pattern.test(rest)).map(([what]) => what);
}

describe("the release before this one", () => {
  it("finds every statement that it sends good in the newest schema", async () => {
    assert.ok(released.statements.length > 100);
    await using fixture = await testDatabase();
    const refused: string[] = [];
    await fixture.database.transaction(async (connection) => {
      for (const [number, statement] of released.statements.entries()) {
        await connection.query("SAVEPOINT before");
        try {
          await connection.query(`PREPARE old_${number} AS ${statement}`);
        } catch (error) {
          refused.push(`${String(error)}: ${statement}`);
          await connection.query("ROLLBACK TO SAVEPOINT before");
        }
      }
    });
    assert.deepEqual(refused, [], `classh ${released.release} would fail beside this one`);
  });
});

describe("a migration since then", () => {
  for (const file of readdirSync(migrationsDirectory).sort()) {
    if (file <= `${lastReleased}.sql`) continue;
    it(`only adds, or says what it needs: ${file}`, () => {
      const sql = readFileSync(join(migrationsDirectory, file), "utf8");
      if (needsOf(sql) === undefined) assert.deepEqual(breaches(sql), []);
    });
  }

  it("that takes something away is found", () => {
    for (const sql of [
      "ALTER TABLE users DROP COLUMN email",
      "DROP FUNCTION lock_sweep(text)",
      "DROP TABLE hands",
      "TRUNCATE hands",
      "ALTER TABLE users RENAME COLUMN email TO mail",
      "ALTER TABLE users RENAME TO people",
      "ALTER TABLE users ALTER COLUMN name TYPE varchar(10)",
      "ALTER TABLE users ALTER name SET DATA TYPE varchar(10)",
      "ALTER TABLE users ALTER COLUMN email SET NOT NULL",
      "ALTER TABLE users ADD COLUMN room text NOT NULL",
      "ALTER TABLE users ADD COLUMN a int DEFAULT 1, ADD COLUMN room text NOT NULL",
      "ALTER TABLE users ADD CONSTRAINT short CHECK (length(name) < 10)",
    ])
      assert.equal(breaches(sql).length, 1, sql);
    for (const sql of [
      "CREATE TABLE rooms (name text NOT NULL); ALTER TABLE rooms ADD CONSTRAINT one UNIQUE (name);",
      "ALTER TABLE users ADD COLUMN room text",
      "ALTER TABLE users ADD COLUMN room text NOT NULL DEFAULT ''",
      "-- DROP TABLE hands\nCREATE INDEX i ON users (name)",
      "ALTER TABLE users ALTER COLUMN email DROP NOT NULL",
      "CREATE OR REPLACE FUNCTION f() RETURNS void LANGUAGE sql AS 'SELECT 1'",
    ])
      assert.deepEqual(breaches(sql), [], sql);
  });

  it("says in its first comment what a program must know", () => {
    assert.equal(needsOf("-- Removes the old name.\n-- needs: 0031_new_name\nDROP ..."), "0031_new_name");
    assert.equal(needsOf("-- Adds a name.\nALTER ...\n-- needs: 0031_new_name\n"), undefined);
    assert.equal(needsOf("CREATE TABLE a ()"), undefined);
    assert.equal(needsOf("-- Why it needs: 0001_no\nCREATE"), undefined);
  });
});
