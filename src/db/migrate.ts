/**
 * Theory of operation: the files of migrations/ are applied in the order of their numbers, all pending ones in one
 * transaction, so that a bad one leaves nothing half done. Several nodes may start at once: one advisory lock covers
 * the comparison of checksums and the run, and the others wait for it. The runner would not notice a file that was
 * edited after it was applied, so the checksum of each file is stored in the transaction that applies it. A database
 * that a newer classh has changed is fine as long as this one can work with it (schema-reach.ts).
 */
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Client } from "pg";
import { UserError } from "../base/errors.ts";
import type { Log } from "../base/log.ts";
import { packageVersion } from "../base/package-version.ts";
import { isConnectionFailure, sqlState, unavailable } from "./database-failures.ts";
import { migrationsBeyond, needsOf, type AppliedMigration } from "./schema-reach.ts";
import { recordSchema, refuseChangedSchema } from "./schema-record.ts";

/** The folder of the migrations; the same from src/ and from dist/. */
export const migrationsDirectory = fileURLToPath(new URL("../../migrations", import.meta.url));

/** "classh" in ASCII, as a number: two programs that use the same number wait for each other. */
const lockNumber = 0x63_6c_61_73_73_68;

interface MigrationFile {
  /** Name of the file without .sql, as the runner records it. */
  readonly name: string;
  readonly sql: string;
  readonly checksum: string;
}

/**
 * Brings the database up to date; resolves with the names of the files applied now. Safe to run from several processes.
 * Throws `migration-failed` naming the file, or `database-unavailable`.
 */
export async function migrate(url: string, log: Log, directory: string = migrationsDirectory): Promise<string[]> {
  const files = await readMigrations(directory);
  const client = new Client({
    connectionString: url,
    application_name: "classh migrate",
    connectionTimeoutMillis: 10_000,
  });
  client.on("error", (error) => log.warn("the migration's connection broke", { error }));
  try {
    await client.connect();
    await client.query("SELECT pg_advisory_lock($1)", [lockNumber]); // released with the connection
    const asked = {
      query: async (text: string): Promise<readonly object[]> => (await client.query<object>(text)).rows,
    };
    const version = await packageVersion();
    const before = await appliedMigrations(client);
    const beyond = migrationsBeyond(before, new Set(files.map(({ name }) => name)), version);
    refuseEdited(before, files);
    await refuseChangedSchema(asked);
    const newest = beyond.at(-1);
    if (newest)
      log.warn("a newer classh has changed the database; this one can work with it", {
        version,
        newer: newest.version,
        migrations: beyond.map(({ name }) => name),
      });
    // With nothing to apply the runner would object to migrations that it can't find.
    const done = new Set(before.map(({ name }) => name));
    if (files.every(({ name }) => done.has(name))) return [];
    const applied = await apply(client, { files, directory, version });
    if (applied.length > 0 && (await hasRecord(client))) await recordSchema(asked);
    if (applied.length > 0) log.info("database migrated", { applied });
    return applied;
  } catch (error) {
    if (isConnectionFailure(error)) throw unavailable(error);
    throw sqlState(error) === undefined ? error : failed("the list of migrations", describe(error), error);
  } finally {
    await client.end().catch((error: unknown) => log.debug("the migration's connection broke", { error }));
  }
}

/** Whether there is a table of checksums; tests apply migrations of their own, which make none. */
async function hasRecord(client: Client): Promise<boolean> {
  const { rows } = await client.query<{ there: boolean }>(
    "SELECT to_regclass('public.schema_record') IS NOT NULL AS there",
  );
  return rows[0]?.there === true;
}

/** Names of the migrations that this classh has. */
export async function knownMigrations(): Promise<readonly string[]> {
  return (await readMigrations(migrationsDirectory)).map(({ name }) => name);
}

async function readMigrations(directory: string): Promise<MigrationFile[]> {
  const names = (await readdir(directory)).filter((name) => name.endsWith(".sql")).sort();
  return await Promise.all(
    names.map(async (file) => {
      const sql = await readFile(join(directory, file), "utf8");
      // These would end the runner's transaction, and what came before could not be rolled back.
      if (/^\s*(BEGIN|COMMIT|ROLLBACK|START TRANSACTION|END)\s*;/im.test(sql)) {
        throw failed(file, "it begins or ends a transaction, and all migrations run in one");
      }
      return { name: basename(file, ".sql"), sql, checksum: createHash("sha256").update(sql).digest("hex") };
    }),
  );
}

/** What the database says of the migrations that it has; none in an empty one. */
async function appliedMigrations(client: Client): Promise<readonly AppliedMigration[]> {
  const { rows: columns } = await client.query<{ name: string }>(
    "SELECT attname::text AS name FROM pg_attribute WHERE attrelid = to_regclass('public.migration_checksums') AND attnum > 0",
  );
  if (columns.length === 0)
    await client.query(
      'CREATE TABLE migration_checksums (name text COLLATE "C" PRIMARY KEY, sha256 text NOT NULL, version text, needs text)',
    );
  else if (!columns.some(({ name }) => name === "needs"))
    await client.query("ALTER TABLE migration_checksums ADD COLUMN version text, ADD COLUMN needs text");
  const { rows } = await client.query<AppliedMigration>(
    "SELECT name, sha256, version, needs FROM migration_checksums ORDER BY name",
  );
  return rows;
}

/** Throws `migration-failed` for a file that is not what was applied. */
function refuseEdited(applied: readonly AppliedMigration[], files: readonly MigrationFile[]): void {
  for (const { name, sha256 } of applied) {
    const file = files.find((candidate) => candidate.name === name);
    if (file && file.checksum !== sha256)
      throw failed(`${name}.sql`, "it was changed after it was applied to this database");
  }
}

interface Pending {
  readonly files: readonly MigrationFile[];
  readonly directory: string;
  /** Of this program. */
  readonly version: string;
}

async function apply(client: Client, { files, directory, version }: Pending): Promise<string[]> {
  let current = "";
  const quiet = { info: ignore, warn: ignore, error: ignore };
  const load = (paths: string[]): Promise<MigrationUnit[]> => Promise.resolve(paths.map(unit));
  const unit = (path: string): MigrationUnit => {
    const file = files.find(({ name }) => name === basename(path, ".sql"));
    if (!file) throw new Error(`no migration ${path}`);
    const up = (builder: { sql(text: string): void }): void => {
      current = `${file.name}.sql`;
      builder.sql(file.sql);
      const row = [file.name, file.checksum, version, needsOf(file.sql)].map(literal).join(", ");
      builder.sql(`INSERT INTO migration_checksums (name, sha256, version, needs) VALUES (${row})`);
    };
    return { id: path, filePaths: [path], actions: { up, down: false } };
  };
  try {
    const { runner } = await import("node-pg-migrate"); // a tenth of a second, which only the one that migrates needs
    const applied = await runner({
      dbClient: client,
      dir: directory,
      ignorePattern: String.raw`(?!.*\.sql$).*`,
      migrationsTable: "migrations",
      direction: "up",
      singleTransaction: true,
      checkOrder: true,
      advisoryLockMode: "wait",
      logger: quiet,
      migrationLoaderStrategies: [{ extensions: [".sql"], loader: load }],
    });
    return applied.map(({ name }) => name);
  } catch (error) {
    if (isConnectionFailure(error)) throw error;
    throw failed(current || orderProblem(error), describe(error), error);
  }
}

interface MigrationUnit {
  id: string;
  filePaths: string[];
  actions: { up: (builder: { sql(text: string): void }) => void; down: false };
}

function literal(text: string | undefined): string {
  return text === undefined ? "NULL" : `'${text.replaceAll("'", "''")}'`;
}

function ignore(): void {}

/** Problem of a file numbered below one that was already applied; the runner's message names both. */
function orderProblem(error: unknown): string {
  const match = /Not run migration (\S+)/.exec(error instanceof Error ? error.message : "");
  return match ? `${match[1]}.sql` : "the migrations";
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const order = /Not run migration \S+ is preceding already run migration (\S+)/.exec(error.message);
  if (order) return `it comes before ${order[1]}.sql, which was applied already: give it a higher number`;
  const state = sqlState(error);
  return state ? `${error.message} (SQLSTATE ${state})` : error.message;
}

function failed(file: string, why: string, cause?: unknown): UserError {
  return new UserError(
    "migration-failed",
    `can't apply ${file} to the database: ${why}`,
    "The database is unchanged. Use the migrations of this classh as they are, or restore a backup.",
    { cause },
  );
}
