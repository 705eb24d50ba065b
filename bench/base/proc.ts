/** What Linux's /proc tells about processes: who started whom, their memory, their CPU time. Source of the fields: proc(5). */
import { readdir, readFile } from "node:fs/promises";

export interface ProcessInfo {
  readonly pid: number;
  readonly parent: number;
  /** Words of the command line, joined by spaces; empty for a zombie. */
  readonly command: string;
  /** User and system time of all its threads so far, seconds, in whole ticks. */
  readonly cpuSeconds: number;
}

/** Clock ticks a second: 100 on every Linux that Node.js runs on. */
const ticksPerSecond = 100;

/** A process and all its descendants, as they are at this moment. */
export async function processTree(root: number): Promise<readonly ProcessInfo[]> {
  const names = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const all = (await Promise.all(names.map((name) => readProcess(Number(name))))).filter((info) => info !== undefined);
  return descendants(all, root);
}

/** The process `root` and those below it among `all`. */
export function descendants(all: readonly ProcessInfo[], root: number): readonly ProcessInfo[] {
  const children = new Map<number, ProcessInfo[]>();
  for (const info of all) {
    const siblings = children.get(info.parent);
    if (siblings) siblings.push(info);
    else children.set(info.parent, [info]);
  }
  const found = all.filter((info) => info.pid === root);
  // `found` grows while it is walked.
  for (const info of found) found.push(...(children.get(info.pid) ?? []));
  return found;
}

/** Proportional set size of the processes together, bytes: memory that n processes share counts 1/n for each. */
export async function proportionalMemory(processes: readonly ProcessInfo[]): Promise<number> {
  const sizes = await Promise.all(processes.map(({ pid }) => proportionalSize(pid)));
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** User and system time of the processes together, seconds. */
export function cpuSeconds(processes: readonly ProcessInfo[]): number {
  return processes.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0);
}

/**
 * The same of processes that are known by their ids, as it is now, to the microsecond: reading a few costs nothing, finding them among thousands
 * a second.
 */
export async function cpuSecondsNow(processes: readonly ProcessInfo[]): Promise<number> {
  const now = await Promise.all(
    processes.map(async ({ pid }) => {
      const [info, scheduled] = await Promise.all([readProcess(pid), scheduledSeconds(pid)]);
      // Whole ticks with the threads that have ended, or nanoseconds without them: whichever knows of more.
      return Math.max(info?.cpuSeconds ?? 0, scheduled);
    }),
  );
  return now.reduce((sum, seconds) => sum + seconds, 0);
}

async function readProcess(pid: number): Promise<ProcessInfo | undefined> {
  const [stat, command] = await Promise.all([
    readOrNothing(`/proc/${pid}/stat`),
    readOrNothing(`/proc/${pid}/cmdline`),
  ]);
  if (stat === "") return undefined; // it has ended since the directory was read
  // The name in parentheses may hold spaces and parentheses itself; fields after it begin with the third, the state.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const field = (number: number): number => Number(fields[number - 3]);
  return {
    pid,
    parent: field(4),
    command: command.replaceAll("\0", " ").trim(),
    cpuSeconds: (field(14) + field(15)) / ticksPerSecond,
  };
}

/** What the scheduler gave to the threads that live; 0 where the kernel does not say. */
async function scheduledSeconds(pid: number): Promise<number> {
  const directory = `/proc/${pid}/task`;
  const threads = await orNothing(readdir(directory), []);
  const texts = await Promise.all(threads.map((thread) => readOrNothing(`${directory}/${thread}/schedstat`)));
  return texts.reduce((sum, text) => sum + Number(text.split(" ")[0]), 0) / 1e9;
}

async function proportionalSize(pid: number): Promise<number> {
  const text = await readOrNothing(`/proc/${pid}/smaps_rollup`);
  return Number(/^Pss:\s+(\d+) kB/m.exec(text)?.[1] ?? 0) * 1024;
}

function readOrNothing(path: string): Promise<string> {
  return orNothing(readFile(path, "utf8"), "");
}

/** `nothing` for a process that has ended, also between opening and reading (ESRCH), and for a file that this kernel does not have. */
async function orNothing<T>(work: Promise<T>, nothing: T): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOENT" || code === "ESRCH") return nothing;
    throw error;
  }
}
