/**
 * One process of the torture and of the tests with kill -9: simulated sessions that take locks, write fenced records into a file
 * for each lock, and give up at random. Its parent reads the records. Arguments: one JSON document, see `Job`.
 */
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { systemClock } from "../../../src/base/clock.ts";
import { UserError } from "../../../src/base/errors.ts";
import { silentLog } from "../../../src/base/log.ts";
import { Database } from "../../../src/db/database.ts";
import { LockManager } from "../../../src/locks/lock-manager.ts";
import type { Lock } from "../../../src/locks/lock.ts";
import type { Machines } from "../../../src/locks/outage-policy.ts";

export interface Job {
  readonly url: string;
  readonly name: string;
  readonly leaseSeconds: number;
  readonly machines?: Machines;
  readonly sessions: number;
  /** Locks are called lock-0 to lock-(n-1). */
  readonly locks: number;
  readonly directory: string;
  /** Longest time in a section. */
  readonly sectionMs: number;
}

/** One line in the file of a lock. Times are milliseconds on the machine's monotonic clock, the same for all processes. */
export interface SectionRecord {
  readonly token: number;
  readonly worker: string;
  readonly from: number;
  /** The last moment at which the holder was sure of it. */
  readonly until: number;
}

const job = JSON.parse(process.argv[2] ?? "{}") as Job;
const database = await Database.connect({
  url: job.url,
  poolSize: 5,
  statementTimeoutSeconds: 10,
  retrySeconds: 5,
  log: silentLog,
});
const locks = await LockManager.start({
  ...job,
  machines: job.machines ?? "several",
  database,
  clock: systemClock,
  log: silentLog,
});
const stop = new AbortController();
let sections = 0;
let refused = 0;

function now(): number {
  return Number(process.hrtime.bigint() / 1000n) / 1000;
}

async function section(name: string, lock: Lock): Promise<void> {
  const from = now();
  let until = from;
  const end = from + Math.random() * job.sectionMs;
  do {
    await delay(Math.random() * 5);
    const moment = now();
    if (lock.held) until = moment;
  } while (now() < end && !stop.signal.aborted && lock.held);
  const record: SectionRecord = { token: lock.token, worker: job.name, from, until };
  await locks.fenced(lock, async (fence) => {
    await delay(Math.random() * 2);
    fence.check();
    // One write(2) to a file opened for appending: records never mix.
    appendFileSync(join(job.directory, name), `${JSON.stringify(record)}\n`);
  });
  sections += 1;
}

async function session(): Promise<void> {
  while (!stop.signal.aborted) {
    const name = `lock-${Math.floor(Math.random() * job.locks)}`;
    const impatient = Math.random() < 0.2;
    try {
      await using lock = await locks.acquire(name, {
        owner: job.name,
        ...(impatient ? { deadlineMs: Math.random() * 100 } : { deadlineMs: 20_000 }),
      });
      await section(name, lock);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      if (error.code === "lock-lost") refused += 1;
      if (error.code === "database-unavailable") await delay(50);
    }
  }
}

// While the database is away nothing else keeps this process alive, once its parent has closed its input: no timer of ours does.
setInterval(() => {}, 1000);
const sessions = Array.from({ length: job.sessions }, session);
process.stdout.write("ready\n");
process.stdin.resume();
process.stdin.on("end", () => stop.abort());
await Promise.all(sessions);
await locks.close();
await database.close();
process.stdout.write(`${JSON.stringify({ sections, refused })}\n`);
process.exit(0);
