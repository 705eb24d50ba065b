/** What must not be left when everybody has logged out: rows, files, processes, descriptors. */
import { readdir, utimes } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Database } from "../../src/db/database.ts";
import type { ServerProcess } from "../cluster/server-process.ts";
import { describeCounts, descriptorsOf, kinds, total, type Descendants } from "./processes.ts";

export interface Footprint {
  /** Descriptors of the primary, and the most that a worker has. */
  readonly primary: ReadonlyMap<string, number>;
  readonly worker: ReadonlyMap<string, number>;
  /** The server's processes by kind, without PostgreSQL's. */
  readonly processes: ReadonlyMap<string, number>;
}

/** Connections to the database and watches of the course's folders are opened when they are needed first, and stay. */
const tolerance = 16;

export async function footprint(server: ServerProcess, family: Descendants): Promise<Footprint> {
  const workers = await Promise.all((await server.workers()).map(descriptorsOf));
  return {
    primary: await descriptorsOf(server.pid),
    worker: workers.toSorted((a, b) => total(b) - total(a))[0] ?? new Map<string, number>(),
    processes: kinds(await family.look()),
  };
}

export function checkFootprint(before: Footprint, after: Footprint): string[] {
  const found: string[] = [];
  for (const which of ["primary", "worker"] as const) {
    if (total(after[which]) <= total(before[which]) + tolerance) continue;
    found.push(
      `a ${which} has more descriptors than at first: ${describeCounts(before[which])}; now ${describeCounts(after[which])}`,
    );
  }
  if (describeCounts(after.processes) !== describeCounts(before.processes)) {
    found.push(`the processes at first: ${describeCounts(before.processes)}; now ${describeCounts(after.processes)}`);
  }
  return found;
}

/** Nothing is locked, waited for or open, and the nodes are the workers. */
export async function checkRows(database: Database, server: ServerProcess): Promise<string[]> {
  const [rows] = await database.query<{
    locks: number;
    waiters: number;
    sessions: number;
    pids: number[];
    endpoints: number;
  }>(
    `SELECT (SELECT count(*) FROM locks) AS locks, (SELECT count(*) FROM lock_waiters) AS waiters, (SELECT count(*) FROM live_sessions) AS sessions,
       (SELECT coalesce(array_agg(pid ORDER BY pid), '{}') FROM node_lease) AS pids, (SELECT count(*) FROM node_endpoints) AS endpoints`,
  );
  if (!rows) return ["no rows"];
  const workers = (await server.workers()).toSorted((a, b) => a - b);
  const found: string[] = [];
  for (const table of ["locks", "waiters", "sessions"] as const)
    if (rows[table] > 0) found.push(`${rows[table]} ${table} in the database`);
  if (rows.pids.join() !== workers.join())
    found.push(`leases of the processes ${rows.pids.join()}, and workers ${workers.join()}`);
  if (rows.endpoints !== workers.length) found.push(`${rows.endpoints} endpoints of nodes`);
  return found;
}

export interface LeftFile {
  readonly owner: string;
  readonly file: string;
}

/** Unsaved text, and temporary files that never got their name. */
export async function leftFiles(data: string): Promise<readonly LeftFile[]> {
  const recovery = await below(join(data, "recovery"), () => true);
  const homes = await below(join(data, "files", "Local"), (name) => name.startsWith(".classh-"));
  return [...recovery, ...homes];
}

/** Whoever finds them believes them to be a day old: nobody writes them any more. */
export async function makeOld(files: readonly LeftFile[]): Promise<void> {
  const yesterday = Date.now() / 1000 - 86_400;
  for (const { file } of files) await utimes(file, yesterday, yesterday);
}

/** The places that processes make for themselves, named by their pids. */
export async function checkPlaces(data: string, pids: readonly number[]): Promise<string[]> {
  const wanted = pids.map(String).toSorted().join();
  const found: string[] = [];
  for (const folder of ["run", "nodes.socket"]) {
    const names = (await readdir(join(data, folder)).catch(() => []))
      .map((name) => name.replace(/\.sock$/, ""))
      .toSorted()
      .join();
    if (names !== wanted)
      found.push(`DIR/${folder} has ${names || "nothing"}, and the processes are ${wanted || "none"}`);
  }
  return found;
}

/** What a check finds still after this time; ends of processes and leases take a moment. */
export async function stillAfter(ms: number, check: () => Promise<string[]>): Promise<string[]> {
  const deadline = performance.now() + ms;
  for (;;) {
    const found = await check();
    if (found.length === 0 || performance.now() > deadline) return found;
    await delay(200);
  }
}

async function below(directory: string, wanted: (name: string) => boolean): Promise<readonly LeftFile[]> {
  const found: LeftFile[] = [];
  for (const owner of await readdir(directory).catch(() => [])) {
    for (const name of await readdir(join(directory, owner)).catch(() => [])) {
      if (wanted(name)) found.push({ owner, file: join(directory, owner, name) });
    }
  }
  return found;
}
