/**
 * Theory of operation: the files of migrations/ are applied in the order of their numbers, all pending ones in one
 * transaction, so that a bad one leaves nothing half done. Several nodes may start at once: one advisory lock covers
 * the comparison of checksums and the run, and the others wait for it. The runner would not notice a file that was
 * edited after it was applied, so the checksum of each file is stored in the transaction that applies it.
 */
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Client } from "pg";
import { UserError } from "../base/errors.ts";
import type { Log } from "../base/log.ts";
import { isConnectionFailure, sqlState, unavailable } from "./database-failures.ts";
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
    await compareWithApplied(client, files);
    await refuseChangedSchema(asked);
    const applied = await apply(client, files, directory);
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

/** Compares the migrations recorded in the database with the files. Throws `migration-failed`. */
async function compareWithApplied(client: Client, files: readonly MigrationFile[]): Promise<void> {
  const exists = await client.query<{ found: boolean }>(
    "SELECT to_regclass('migration_checksums') IS NOT NULL AS found",
  );
  if (!exists.rows[0]?.found) {
    await client.query('CREATE TABLE migration_checksums (name text COLLATE "C" PRIMARY KEY, sha256 text NOT NULL)');
    return;
  }
  const applied = await client.query<{ name: string; sha256: string }>(
    "SELECT name, sha256 FROM migration_checksums ORDER BY name",
  );
  for (const { name, sha256 } of applied.rows) {
    const file = files.find((candidate) => candidate.name === name);
    if (!file)
      throw failed(
        `${name}.sql`,
        "the database has it already, but the file is not here: this database was made by a newer classh",
      );
    if (file.checksum !== sha256) throw failed(`${name}.sql`, "it was changed after it was applied to this database");
  }
}

async function apply(client: Client, files: readonly MigrationFile[], directory: string): Promise<string[]> {
  let current = "";
  const quiet = { info: ignore, warn: ignore, error: ignore };
  const load = (paths: string[]): Promise<MigrationUnit[]> => Promise.resolve(paths.map(unit));
  const unit = (path: string): MigrationUnit => {
    const file = files.find(({ name }) => name === basename(path, ".sql"));
    if (!file) throw new Error(`no migration ${path}`);
    const up = (builder: { sql(text: string): void }): void => {
      current = `${file.name}.sql`;
      builder.sql(file.sql);
      builder.sql(`INSERT INTO migration_checksums VALUES ('${file.name.replaceAll("'", "''")}', '${file.checksum}')`);
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
