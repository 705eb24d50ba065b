/**
 * A running server found and ended by its data directory. `postmaster.pid` names a process, but the number may have
 * been reused since; the process is the server only if it works in the data directory.
 */
import { randomUUID } from "node:crypto";
import { link, readFile, readlink, realpath, rename, stat, unlink } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { systemCode } from "../base/errors.ts";
import type { Log } from "../base/log.ts";

/** A running PostgreSQL server. */
export interface Postmaster {
  readonly pid: number;
  /** Undefined while the server is still writing its file. */
  readonly socketDirectory: string | undefined;
}

const pollMs = 5;
const fastStopMs = 15_000;
const immediateStopMs = 5_000;

/**
 * The server that runs on this data directory; undefined if none does. Removes a stale pid file, which would stop a new
 * server.
 */
export async function findPostmaster(directory: string): Promise<Postmaster | undefined> {
  const file = join(directory, "postmaster.pid");
  const text = await readIfThere(file);
  if (text === undefined) return undefined;
  // A server creates its file and writes it a moment later: an empty one is stale only when it is old.
  if (text === "" && (await ageMs(file)) < 5000) return undefined;
  const lines = text.split("\n");
  const pid = Number(lines[0]);
  if (await worksIn(pid, directory)) return { pid, socketDirectory: lines[4] || undefined };
  await removeStale(file, text);
  return undefined;
}

/** Whether a process with this number exists; true also for processes of other accounts. */
export function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCode(error) === "EPERM";
  }
}

/** Whether process `pid` is a PostgreSQL server with `directory` as its working directory. */
async function worksIn(pid: number, directory: string): Promise<boolean> {
  if (!isAlive(pid)) return false;
  try {
    if ((await readlink(`/proc/${pid}/cwd`)) !== (await realpath(directory))) return false;
    return (await readFile(`/proc/${pid}/comm`, "utf8")).trim() === "postgres";
  } catch (error) {
    // Gone in the meantime, a zombie, or a process of another account: in no case our server.
    if (["ENOENT", "EACCES", "EPERM", "ESRCH"].includes(systemCode(error) ?? "")) return false;
    throw error;
  }
}

/** Ends the server; resolves when it is gone. Open transactions are rolled back, what was committed is on disk. */
export async function stopPostmaster(pid: number, directory: string, log: Log): Promise<void> {
  const stages = [
    { signal: "SIGINT", ms: fastStopMs }, // "fast" shutdown
    { signal: "SIGQUIT", ms: immediateStopMs }, // "immediate": the next start recovers from the log
    { signal: "SIGKILL", ms: immediateStopMs },
  ] as const;
  for (const { signal, ms } of stages) {
    if (!(await worksIn(pid, directory))) return;
    if (signal !== "SIGINT") log.warn("the database does not stop", { pid, signal });
    kill(pid, signal);
    for (const end = performance.now() + ms; performance.now() < end; await sleep(pollMs)) {
      if (!(await worksIn(pid, directory))) return;
    }
  }
  throw new Error(`the database server ${pid} could not be ended`);
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (systemCode(error) !== "ESRCH") throw error;
  }
}

async function ageMs(file: string): Promise<number> {
  try {
    return Date.now() - (await stat(file)).mtimeMs;
  } catch (error) {
    if (systemCode(error) === "ENOENT") return 0;
    throw error;
  }
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(systemCode(error) ?? "")) return undefined;
    throw error;
  }
}

/**
 * Removes the pid file with this content. Another start may have replaced it by a good one since we read it: then that
 * one is put back (a server without its file stops itself, but checks only once a minute).
 */
async function removeStale(file: string, content: string): Promise<void> {
  const aside = `${file}.${randomUUID()}`;
  try {
    await rename(file, aside);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return;
    throw error;
  }
  try {
    if ((await readFile(aside, "utf8")) !== content) await link(aside, file);
  } catch (error) {
    if (systemCode(error) !== "EEXIST") throw error;
  } finally {
    await unlink(aside);
  }
}
