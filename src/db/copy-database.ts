/**
 * The rows of a database as files, and back. Not pg_dump: that of PostgreSQL 15 refuses a server of version 18, and a server elsewhere may have
 * any version. COPY in one transaction, which sees one moment, serves all of them.
 *
 * A database is filled in the schema that it was copied from: the migrations up to that level are applied first, then the rows, then the
 * migrations that came since. So those bring old rows up to date as they do in a database that lives on.
 */
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { Client } from "pg";
import { from as copyFrom, to as copyTo } from "pg-copy-streams";
import { UserError } from "../base/errors.ts";
import type { Log } from "../base/log.ts";
import { migrate, migrationsDirectory } from "./migrate.ts";

/** A table of a copy. */
export interface CopiedTable {
  readonly name: string;
  readonly columns: readonly string[];
  readonly rows: number;
}

/** A sequence of a copy. */
export interface CopiedSequence {
  readonly name: string;
  /** A bigint as text. */
  readonly value: string;
  readonly called: boolean;
}

/** What a copy holds. */
export interface DatabaseCopy {
  readonly tables: readonly CopiedTable[];
  readonly sequences: readonly CopiedSequence[];
  /** Names of the migrations that had been applied. */
  readonly migrations: readonly string[];
}

/** Made by the migrations themselves. */
const ofMigrations = ["migrations", "migration_checksums", "schema_record"];

/** What only living processes have: their leases, locks and sessions. */
const ofProcesses = ["node_lease", "node_endpoints", "live_sessions", "locks", "lock_waiters"];

async function connect(url: string, log: Log): Promise<Client> {
  const client = new Client({
    connectionString: url,
    application_name: "classh backup",
    connectionTimeoutMillis: 10_000,
  });
  client.on("error", (error) => log.warn("the backup's connection broke", { error }));
  await client.connect();
  return client;
}

/** Copies all rows as they are at one moment; `write` takes those of a table to their end. */
export async function copyDatabase(
  url: string,
  log: Log,
  write: (table: string, rows: Readable) => Promise<void>,
): Promise<DatabaseCopy> {
  const client = await connect(url, log);
  try {
    await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    // A large table takes longer than a statement may otherwise.
    await client.query("SET LOCAL statement_timeout = 0");
    const tables: CopiedTable[] = [];
    for (const { name, columns } of await tablesOf(client)) {
      const stream = client.query(copyTo(`COPY ${quoted(name)} (${columns.map(quoted).join(", ")}) TO STDOUT`));
      await write(name, stream);
      tables.push({ name, columns, rows: stream.rowCount });
    }
    const { rows: sequences } = await client.query<{ name: string }>(
      "SELECT relname::text AS name FROM pg_class WHERE relkind = 'S' AND relnamespace = 'public'::regnamespace ORDER BY 1",
    );
    const copied: CopiedSequence[] = [];
    for (const { name } of sequences) {
      const { rows } = await client.query<{ value: string; called: boolean }>(
        `SELECT last_value::text AS value, is_called AS called FROM ${quoted(name)}`,
      );
      if (rows[0]) copied.push({ name, ...rows[0] });
    }
    const { rows: applied } = await client.query<{ name: string }>(
      "SELECT name FROM migration_checksums ORDER BY name",
    );
    await client.query("COMMIT");
    return { tables, sequences: copied, migrations: applied.map(({ name }) => name) };
  } finally {
    await client.end();
  }
}

/** Every table whose rows are worth keeping, with the columns that can be written. */
async function tablesOf(
  client: Client,
): Promise<readonly { readonly name: string; readonly columns: readonly string[] }[]> {
  const { rows } = await client.query<{ name: string; columns: string[] }>(
    `SELECT c.relname::text AS name, array_agg(a.attname::text ORDER BY a.attnum) AS columns
     FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
     WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
       AND c.relname <> ALL ($1)
     GROUP BY c.relname ORDER BY c.relname`,
    [[...ofMigrations, ...ofProcesses]],
  );
  return rows;
}

/** Throws `backup-too-new` for a copy of a database that newer migrations have made. */
export function requireKnown(migrations: readonly string[], known: readonly string[], versions: string): void {
  const unknown = migrations.filter((name) => !known.includes(name));
  if (unknown.length === 0) return;
  throw new UserError(
    "backup-unusable",
    `this backup was made by a newer classh (${versions})`,
    `It has the migration ${unknown[0]}, which is not here. Restore it with that version, or a newer one.`,
  );
}

/**
 * Fills an empty database; `read` gives the rows of a table. Everything is loaded in one transaction. Throws a UserError for a database that
 * is not empty.
 */
export async function fillDatabase(
  url: string,
  log: Log,
  { copy, read }: { readonly copy: DatabaseCopy; readonly read: (table: string) => Promise<Readable> },
): Promise<void> {
  await requireEmpty(url, log);
  await migrateTo(copy.migrations, url, log);
  const client = await connect(url, log);
  try {
    await client.query("BEGIN");
    await client.query("SET LOCAL statement_timeout = 0");
    const ordered = await parentsFirst(client, copy.tables);
    // Triggers did their work when the rows were made; the audit trail's would refuse them.
    for (const { name } of ordered) await client.query(`ALTER TABLE ${quoted(name)} DISABLE TRIGGER USER`);
    for (const { name } of ordered.toReversed()) await client.query(`DELETE FROM ${quoted(name)}`);
    for (const { name, columns, rows } of ordered) {
      const target: Writable & { readonly rowCount: number } = client.query(
        copyFrom(`COPY ${quoted(name)} (${columns.map(quoted).join(", ")}) FROM STDIN`),
      );
      await pipeline(await read(name), target);
      if (target.rowCount !== rows)
        throw new UserError("backup-unusable", `the table ${name} has ${target.rowCount} rows instead of ${rows}`);
    }
    for (const { name } of ordered) await client.query(`ALTER TABLE ${quoted(name)} ENABLE TRIGGER USER`);
    for (const { name, value, called } of copy.sequences)
      await client.query("SELECT setval($1::regclass, $2, $3)", [quoted(name), value, called]);
    await client.query("COMMIT");
  } finally {
    await client.end();
  }
  await migrate(url, log);
}

async function requireEmpty(url: string, log: Log): Promise<void> {
  const client = await connect(url, log);
  try {
    const { rows } = await client.query<{ tables: number }>(
      "SELECT count(*)::int AS tables FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace",
    );
    if (rows[0]?.tables === 0) return;
  } finally {
    await client.end();
  }
  throw new UserError(
    "data-in-use",
    "the database is not empty",
    "Name an empty one in DATABASE_URL, or leave it out.",
  );
}

/** Applies these migrations only. */
export async function migrateTo(names: readonly string[], url: string, log: Log): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), "classh-migrations-"));
  try {
    for (const name of names) await cp(join(migrationsDirectory, `${name}.sql`), join(directory, `${name}.sql`));
    await migrate(url, log, directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Tables in an order in which each comes after those that it refers to. */
async function parentsFirst(client: Client, tables: readonly CopiedTable[]): Promise<readonly CopiedTable[]> {
  const { rows } = await client.query<{ child: string; parent: string }>(
    `SELECT c.relname::text AS child, p.relname::text AS parent FROM pg_constraint k
     JOIN pg_class c ON c.oid = k.conrelid JOIN pg_class p ON p.oid = k.confrelid WHERE k.contype = 'f' AND c.oid <> p.oid`,
  );
  const ordered: CopiedTable[] = [];
  let waiting = [...tables];
  while (waiting.length > 0) {
    const names = new Set(waiting.map(({ name }) => name));
    const ready = waiting.filter(({ name }) => !rows.some(({ child, parent }) => child === name && names.has(parent)));
    if (ready.length === 0) throw new Error(`tables refer to each other: ${[...names].join(", ")}`);
    ordered.push(...ready);
    waiting = waiting.filter((table) => !ready.includes(table));
  }
  return ordered;
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
