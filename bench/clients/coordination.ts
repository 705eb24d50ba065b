/**
 * Locks and limits on a database of their own, measured in a process that is like a server: PostgreSQL does not run as root.
 * Arguments: `locks`, `limits`, `roster` or `class`, the directory for the database, `quick` or `full`. Prints one line: RESULT and JSON.
 * `hold URL` is the process that gets killed.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { systemClock } from "../../src/base/clock.ts";
import { silentLog } from "../../src/base/log.ts";
import { Scope } from "../../src/base/scope.ts";
import { Database } from "../../src/db/database.ts";
import { startEmbeddedPostgres } from "../../src/db/embedded.ts";
import { migrate } from "../../src/db/migrate.ts";
import { RateLimiter } from "../../src/limits/rate.ts";
import { SharedRateLimiter } from "../../src/limits/shared-rate.ts";
import { SharedState } from "../../src/limits/shared-state.ts";
import { LockManager } from "../../src/locks/lock-manager.ts";
import { median, percentile } from "../statistics.ts";
import { measureClass } from "./class.ts";
import { measureRoster } from "./roster.ts";

/** Of times in milliseconds. */
export interface Summary {
  readonly median: number;
  readonly p99: number;
  readonly count: number;
}

export interface LockFigures {
  readonly acquire: Summary;
  readonly release: Summary;
  readonly both: Summary;
  readonly fenced: Summary;
  readonly contended: Summary;
  readonly cyclesPerSecond: number;
  readonly paced: Summary;
  readonly reportedDeath: Summary;
  readonly reportedDeathOf200: Summary;
  readonly killed: Summary;
}

export interface LimitFigures {
  readonly take: Summary;
  readonly crowded: Summary;
  /** Microseconds, the mean of many. */
  readonly localMicroseconds: number;
}

const clock = systemClock;
const log = silentLog;

function summary(times: readonly number[]): Summary {
  return { median: median(times), p99: percentile(times, 99), count: times.length };
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

async function connect(scope: Scope, url: string): Promise<Database> {
  return scope.own(await Database.connect({ url, poolSize: 10, statementTimeoutSeconds: 10, retrySeconds: 5, log }));
}

async function manager(scope: Scope, url: string, name: string): Promise<LockManager> {
  return scope.own(
    await LockManager.start({
      database: await connect(scope, url),
      url,
      name,
      leaseSeconds: 10,
      machines: "several",
      clock,
      log,
    }),
  );
}

async function measureLocks(scope: Scope, url: string, quick: boolean): Promise<LockFigures> {
  const locks = await manager(scope, url, "one");
  const acquire: number[] = [];
  const release: number[] = [];
  const fenced: number[] = [];
  for (let index = 0; index < (quick ? 200 : 2000); index += 1) {
    const began = performance.now();
    const lock = await locks.acquire(`edit:/${index % 50}`, { owner: "bench" });
    const held = performance.now();
    if (index % 4 === 0) fenced.push(await timed(() => locks.fenced(lock, async (fence) => fence.check())));
    acquire.push(held - began);
    release.push(await timed(() => lock.release()));
  }
  const { waits: contended, cycles, seconds } = await contend(locks, quick);
  return {
    acquire: summary(acquire),
    release: summary(release),
    fenced: summary(fenced),
    contended: summary(contended),
    both: summary(acquire.map((ms, index) => ms + (release[index] ?? 0))),
    cyclesPerSecond: cycles / seconds,
    paced: summary(await pace(locks, quick ? 2 : 10)),
    reportedDeath: summary(await repeat(quick ? 2 : 20, () => reportDeath(scope, url, locks, 1))),
    reportedDeathOf200: summary(await repeat(quick ? 1 : 5, () => reportDeath(scope, url, locks, 200))),
    killed: summary(await repeat(quick ? 1 : 5, () => kill(url, locks))),
  };
}

async function repeat(times: number, work: () => Promise<number>): Promise<number[]> {
  const results: number[] = [];
  for (let index = 0; index < times; index += 1) results.push(await work());
  return results;
}

/** 60 sessions on 20 files, as fast as they can. */
async function contend(
  locks: LockManager,
  quick: boolean,
): Promise<{ waits: number[]; cycles: number; seconds: number }> {
  const waits: number[] = [];
  const began = performance.now();
  const end = began + (quick ? 1000 : 5000);
  const session = async (): Promise<void> => {
    while (performance.now() < end) {
      const asked = performance.now();
      await using _lock = await locks.acquire(`edit:/${Math.floor(Math.random() * 20)}`, { owner: "bench" });
      waits.push(performance.now() - asked);
    }
  };
  await Promise.all(Array.from({ length: 60 }, session));
  return { waits, cycles: waits.length, seconds: (performance.now() - began) / 1000 };
}

/** 500 sessions on 160 files, each once a second. */
async function pace(locks: LockManager, seconds: number): Promise<number[]> {
  const waits: number[] = [];
  const session = async (): Promise<void> => {
    await delay(Math.random() * 1000);
    for (let second = 0; second < seconds; second += 1) {
      const asked = performance.now();
      const lock = await locks.acquire(`edit:/${Math.floor(Math.random() * 160)}`, { owner: "bench" });
      waits.push(performance.now() - asked);
      await lock.release();
      await delay(Math.max(0, asked + 1000 - performance.now()));
    }
  };
  await Promise.all(Array.from({ length: 500 }, session));
  return waits;
}

/** From the parent's report of a worker's exit until its locks are with those who waited. */
async function reportDeath(parent: Scope, url: string, locks: LockManager, count: number): Promise<number> {
  await using scope = parent.child("doomed");
  const doomed = await manager(scope, url, "doomed");
  const names = Array.from({ length: count }, (_, index) => `run:/${index}`);
  await Promise.all(names.map((name) => doomed.acquire(name, { owner: "doomed" })));
  const waiting = names.map((name) => locks.acquire(name, { owner: "bench" }));
  while ((await locks.list()).filter(({ waiters }) => waiters.length > 0).length < count) await delay(5);
  const began = performance.now();
  await locks.nodeDied(doomed.node ?? "");
  const taken = await Promise.all(waiting);
  const took = performance.now() - began;
  await Promise.all(taken.map((lock) => lock.release()));
  return took;
}

/** From kill -9 of another server on this machine until its lock is here. */
async function kill(url: string, locks: LockManager): Promise<number> {
  const child = spawn(process.execPath, [...process.execArgv, fileURLToPath(import.meta.url), "hold", url], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    await once(child.stdout, "data");
    const waiting = locks.acquire("killed", { owner: "bench" });
    await delay(3000); // neighbours are known from the next beat on
    const began = performance.now();
    child.kill("SIGKILL");
    const lock = await waiting;
    const took = performance.now() - began;
    await lock.release();
    return took;
  } finally {
    child.kill("SIGKILL");
  }
}

async function hold(scope: Scope, url: string): Promise<void> {
  await (await manager(scope, url, "killed")).acquire("killed", { owner: "killed" });
  process.stdout.write("held\n");
  await new Promise(() => setInterval(() => undefined, 60_000));
}

async function measureLimits(scope: Scope, url: string, quick: boolean): Promise<LimitFigures> {
  const state = scope.own(new SharedState({ database: await connect(scope, url), clock, log }));
  const limiter = new SharedRateLimiter({ name: "bench", perMinute: 100_000, state });
  const count = quick ? 300 : 3000;
  const take: number[] = [];
  for (let index = 0; index < count; index += 1) take.push(await timed(() => limiter.take(`user-${index % 60}`)));
  const crowded: number[] = [];
  const client = async (number: number): Promise<void> => {
    for (let index = 0; index < count / 30; index += 1) crowded.push(await timed(() => limiter.take(`user-${number}`)));
  };
  await Promise.all(Array.from({ length: 60 }, (_, index) => client(index)));
  const local = new RateLimiter({ perMinute: 100_000, clock });
  const began = performance.now();
  for (let index = 0; index < 1e6; index += 1) local.take(`user-${index % 1000}`);
  return { take: summary(take), crowded: summary(crowded), localMicroseconds: (performance.now() - began) / 1000 };
}

const [what, place = "", length] = process.argv.slice(2);
await using scope = new Scope("coordination");
if (what === "hold") await hold(scope, place);
const postgres = scope.own(await startEmbeddedPostgres({ directory: place, log }));
await migrate(postgres.url, log);
const quick = length === "quick";
const figures =
  what === "locks"
    ? await measureLocks(scope, postgres.url, quick)
    : what === "roster"
      ? await measureRoster(await connect(scope, postgres.url), quick)
      : what === "class"
        ? await measureClass(scope, await connect(scope, postgres.url), postgres.url, quick)
        : await measureLimits(scope, postgres.url, quick);
process.stdout.write(`RESULT ${JSON.stringify(figures)}\n`);
