/**
 * The torture of the locks: worker processes with many simulated sessions, which are killed, stopped and replaced at random,
 * while the database is restarted. Triggers and the workers' own records make a log, and the log must show mutual
 * exclusion, fencing, first come first served, and that nothing is left over.
 *
 *   node --import tsx test/torture/locks.ts SECONDS      (120 in CI, 600 on demand; not as root)
 */
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { silentLog } from "../../src/base/log.ts";
import { Scope } from "../../src/base/scope.ts";
import { Database } from "../../src/db/database.ts";
import { startEmbeddedPostgres } from "../../src/db/embedded.ts";
import { migrate } from "../../src/db/migrate.ts";
import type { SectionRecord } from "../locks/programs/worker.ts";
import { giveCluster } from "../support/cluster-template.ts";
import { WorkerProcess } from "../locks/worker-process.ts";
import { longEnough, type Length } from "./long-enough.ts";

export interface TortureOptions extends Length {
  /** Whether enough has happened; asked once the time is up. */
  readonly enough?: (happened: TortureCounts) => boolean;
  readonly workers: number;
  readonly sessionsPerWorker: number;
  readonly locks: number;
  readonly restarts: boolean;
}

export interface TortureCounts {
  readonly grants: number;
  readonly queued: number;
  readonly kills: number;
  readonly stops: number;
  readonly databaseRestarts: number;
}

export interface TortureSummary extends TortureCounts {
  readonly sections: number;
  /** What must not be; empty when all is well. */
  readonly violations: readonly string[];
}

/** Every row that ever was in the lock tables, in the order of the database. */
export const logging = `
  CREATE TABLE torture_queue (name text, node text, request bigint, position bigint);
  CREATE TABLE torture_grants (name text, node text, request bigint, token bigint);
  CREATE FUNCTION torture_queued() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN INSERT INTO torture_queue VALUES (NEW.name, NEW.node, NEW.request, NEW.position); RETURN NEW; END $$;
  CREATE FUNCTION torture_granted() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN INSERT INTO torture_grants VALUES (NEW.name, NEW.node, NEW.request, NEW.token); RETURN NEW; END $$;
  CREATE TRIGGER torture AFTER INSERT ON lock_waiters FOR EACH ROW EXECUTE FUNCTION torture_queued();
  CREATE TRIGGER torture AFTER INSERT ON locks FOR EACH ROW EXECUTE FUNCTION torture_granted()`;

const leaseSeconds = 2;
/** A dice of 0 to 1 decides what happens next: a worker is killed, one is stopped for a while, or the database restarts. */
const killBelow = 0.5;
const stopBelow = 0.85;

export async function torture(options: TortureOptions): Promise<TortureSummary> {
  await using scope = new Scope("torture");
  const directory = await mkdtemp(join(tmpdir(), "classh-torture-"));
  scope.defer(() => rm(directory, { recursive: true, force: true }));
  // Durable: it is going to be restarted, and what it granted must stay granted.
  const start = () => startEmbeddedPostgres({ directory: join(directory, "pg"), log: silentLog });
  await giveCluster(join(directory, "pg"));
  let postgres = await start();
  scope.defer(() => postgres[Symbol.asyncDispose]());
  await migrate(postgres.url, silentLog);
  const connect = { poolSize: 2, statementTimeoutSeconds: 20, retrySeconds: 20, log: silentLog };
  const database = scope.own(await Database.connect({ ...connect, url: postgres.url }));
  await database.query(logging);

  const records = await mkdtemp(join(directory, "records-"));
  const counts = { kills: 0, stops: 0, databaseRestarts: 0 };
  let born = 0;
  const spawn = async (): Promise<WorkerProcess> => {
    const worker = new WorkerProcess({
      url: postgres.url,
      name: `worker-${(born += 1)}`,
      leaseSeconds,
      sessions: options.sessionsPerWorker,
      locks: options.locks,
      directory: records,
      sectionMs: 10,
    });
    scope.own(worker);
    await worker.ready();
    return worker;
  };
  const workers = await Promise.all(Array.from({ length: options.workers }, spawn));
  const happened = { grants: 0, queued: 0 };
  const isOver = longEnough(options, () => options.enough?.({ ...counts, ...happened }) ?? true);
  const oneOf = (): number => Math.floor(Math.random() * workers.length);

  const certain = [killBelow - 0.1, stopBelow - 0.1, 1];

  const disturb = async (): Promise<void> => {
    // A short torture has one of each for certain.
    const dice = certain.shift() ?? Math.random();
    const index = oneOf();
    const worker = workers[index];
    if (!worker) return;
    if (dice < killBelow) {
      counts.kills += 1;
      await worker.kill();
      workers[index] = await spawn();
    } else if (dice < stopBelow) {
      counts.stops += 1;
      worker.signal("SIGSTOP");
      await delay(Math.random() * leaseSeconds * 2000);
      worker.signal("SIGCONT");
    } else if (options.restarts) {
      counts.databaseRestarts += 1;
      await postgres[Symbol.asyncDispose]();
      postgres = await start();
    }
  };
  while (!isOver()) {
    await delay(300 + Math.random() * 700);
    await disturb();
    Object.assign(happened, await countLog(database));
  }

  const violations: string[] = [];
  let sections = 0;
  for (const worker of workers) {
    try {
      sections += (await worker.finish()).sections;
    } catch (error) {
      violations.push(`a worker failed: ${String(error)}`);
    }
  }
  violations.push(
    ...(await checkRecords(records)),
    ...(await checkOrder(database)),
    ...(await checkLeftovers(database)),
  );
  return { sections, ...(await countLog(database)), ...counts, violations };
}

/** How many locks were granted, and how many requests had to wait, so far. */
export async function countLog(database: Database): Promise<Pick<TortureCounts, "grants" | "queued">> {
  const [total] = await database.query<{ grants: number; queued: number }>(
    "SELECT (SELECT count(*) FROM torture_grants) AS grants, (SELECT count(*) FROM torture_queue) AS queued",
  );
  return { grants: total?.grants ?? 0, queued: total?.queued ?? 0 };
}

/** In each lock's file the tokens grow, and no two holders were sure of it at the same time. */
async function checkRecords(directory: string): Promise<string[]> {
  const found: string[] = [];
  for (const name of await readdir(directory)) {
    const text = await readFile(join(directory, name), "utf8");
    const records = text
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as SectionRecord);
    for (const [index, record] of records.entries()) {
      const previous = records[index - 1];
      if (!previous) continue;
      if (record.token <= previous.token)
        found.push(
          `${name}: token ${record.token} (${record.worker}) wrote after ${previous.token} (${previous.worker})`,
        );
      if (record.from < previous.until)
        found.push(`${name}: ${record.worker} was in at ${record.from}, ${previous.worker} until ${previous.until}`);
    }
  }
  return found;
}

/** Of those who had to queue for a lock, who came first got it first, and no request got it twice. */
export async function checkOrder(database: Database): Promise<string[]> {
  const overtaken = await database.query<{ name: string; token: number }>(
    `SELECT name, token FROM (
       SELECT g.name, g.token, q.position, lag(q.position) OVER (PARTITION BY g.name ORDER BY g.token) AS before
       FROM torture_grants g JOIN torture_queue q USING (name, node, request)) AS ordered
     WHERE position < before`,
  );
  const twice = await database.query<{ name: string; request: number }>(
    "SELECT name, request FROM torture_grants GROUP BY name, node, request HAVING count(*) > 1",
  );
  const tokens = await database.query<{ token: number }>(
    "SELECT token FROM torture_grants GROUP BY token HAVING count(*) > 1",
  );
  return [
    ...overtaken.map(({ name, token }) => `${name}: token ${token} overtook an earlier request`),
    ...twice.map(({ name, request }) => `${name}: request ${request} got it twice`),
    ...tokens.map(({ token }) => `token ${token} was given twice`),
  ];
}

/** All workers have ended; the rows of the killed ones must be gone with a lease's time. */
async function checkLeftovers(database: Database): Promise<string[]> {
  const deadline = performance.now() + leaseSeconds * 2000;
  for (;;) {
    await database.query("SELECT lock_beat('', 1)");
    await database.query("SELECT lock_sweep('')");
    const [left] = await database.query<{ rows: number }>(
      "SELECT (SELECT count(*) FROM locks) + (SELECT count(*) FROM lock_waiters) + (SELECT count(*) FROM node_lease) AS rows",
    );
    if (left?.rows === 0) return [];
    if (performance.now() > deadline) return [`${left?.rows} rows are left over`];
    await delay(100);
  }
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const seconds = Number(process.argv[2] ?? 120);
  const summary = await torture({ seconds, workers: 4, sessionsPerWorker: 50, locks: 40, restarts: true });
  process.stdout.write(`${JSON.stringify(summary, undefined, 2)}\n`);
  process.exitCode = summary.violations.length > 0 ? 1 : 0;
}
