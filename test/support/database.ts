/**
 * A real database for tests. One embedded server per test process, started by the first test that asks, with a migrated
 * database; each caller gets a clone of its own (about 30 ms), so that no test sees another's rows.
 */
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLog } from "../../src/base/log.ts";
import { Database } from "../../src/db/database.ts";
import { startEmbeddedPostgres, type EmbeddedPostgres } from "../../src/db/embedded.ts";
import { migrate } from "../../src/db/migrate.ts";
import { databaseName } from "../../src/db/postgres-cluster.ts";
import { findPostmaster, isAlive, stopPostmaster } from "../../src/db/postmaster.ts";
import { giveCluster } from "./cluster-template.ts";
import { patience } from "./patience.ts";

export interface TestDatabase extends AsyncDisposable {
  /** For a server under test that makes its own pool. */
  readonly url: string;
  /** A pool on the same clone. */
  readonly database: Database;
}

interface Server {
  readonly postgres: EmbeddedPostgres;
  readonly directory: string;
  readonly control: Database;
}

const prefix = "classh-test-pg-";

let server: Promise<Server> | undefined;
let clones = 0;

/** A migrated, empty database; disposing drops it, whoever is still connected. */
export async function testDatabase(): Promise<TestDatabase> {
  return await clone(databaseName);
}

/** A database without any tables: for tests of migrations. */
export async function emptyDatabase(): Promise<TestDatabase> {
  return await clone("template0");
}

/** Stops the server of this test process; the root hook calls it after the last test. */
export async function stopTestDatabase(): Promise<void> {
  const running = server;
  server = undefined;
  if (!running) return;
  const { postgres, directory, control } = await running;
  await control.close();
  await postgres[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
}

/** The options of a pool as tests want them: they fail soon. */
export function poolOptions(url: string): Parameters<typeof Database.connect>[0] {
  return { url, poolSize: 5, statementTimeoutSeconds: 10, retrySeconds: 5, log: silentLog };
}

async function clone(source: string): Promise<TestDatabase> {
  server ??= start();
  const { postgres, control } = await server;
  const name = `test_${(clones += 1)}`;
  await control.query(`CREATE DATABASE ${name} TEMPLATE ${source}`);
  const url = postgres.urlOf(name);
  const database = await Database.connect({ ...poolOptions(url), retrySeconds: patience });
  return {
    url,
    database,
    async [Symbol.asyncDispose]() {
      await database.close();
      await control.query(`DROP DATABASE ${name} WITH (FORCE)`);
    },
  };
}

async function start(): Promise<Server> {
  await sweep(tmpdir());
  const directory = await mkdtemp(join(tmpdir(), `${prefix}${process.pid}-`));
  const cluster = join(directory, "postgres");
  await giveCluster(cluster);
  const postgres = await startEmbeddedPostgres({
    directory: cluster,
    log: silentLog,
    durable: false,
  });
  await migrate(postgres.url, silentLog);
  // Nobody may be connected to the database that is cloned.
  const control = await Database.connect({
    ...poolOptions(postgres.urlOf("postgres")),
    poolSize: 2,
    statementTimeoutSeconds: patience,
    retrySeconds: patience,
  });
  return { postgres, directory, control };
}

/**
 * Ends servers of this account's test processes that were killed, and removes what they left in `place`: they run on, since the embedded
 * server is made to survive that. What belongs to another account is that account's to remove.
 */
export async function sweep(place: string, account = process.getuid?.()): Promise<void> {
  for (const name of await readdir(place)) {
    if (!name.startsWith(prefix) || isAlive(Number(name.slice(prefix.length).split("-")[0]))) continue;
    const directory = join(place, name);
    const found = await stat(directory).catch(() => undefined); // another run sweeps as well
    if (found?.uid !== account) continue;
    const running = await findPostmaster(join(directory, "postgres"));
    if (running) await stopPostmaster(running.pid, join(directory, "postgres"), silentLog);
    await rm(directory, { recursive: true, force: true });
  }
}
