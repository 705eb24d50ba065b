/** The processes of a server, from /proc: who descends from it, what they hold, and what is left when they should be gone. */
import { readdir, readFile, readlink } from "node:fs/promises";

interface Seen {
  readonly pid: number;
  /** Ticks since the boot: with the pid a name that is never given twice. */
  readonly start: string;
  readonly parent: number;
  readonly command: string;
}

/** Knows every process that was ever seen below one process. */
export class Descendants {
  readonly #root: number;
  readonly #known = new Map<string, Seen>();

  constructor(root: number) {
    this.#root = root;
  }

  /** Those of now: the root and all below. */
  async look(): Promise<readonly Seen[]> {
    const all = await everybody();
    const found: Seen[] = [];
    const next = all.filter(({ pid }) => pid === this.#root);
    for (let seen = next.pop(); seen; seen = next.pop()) {
      const { pid } = seen;
      found.push(seen);
      next.push(...all.filter(({ parent }) => parent === pid));
    }
    for (const seen of found) this.#known.set(nameOf(seen), seen);
    return found;
  }

  /** Processes that were seen below it and live on without it. */
  async orphans(): Promise<readonly Seen[]> {
    const family = new Set((await this.look()).map(nameOf));
    return (await everybody()).filter((seen) => this.#known.has(nameOf(seen)) && !family.has(nameOf(seen)));
  }
}

/** How many processes of each kind there are: "worker 4, broker 4". Without the compiler that runs for a server from its sources only. */
export function kinds(processes: readonly Seen[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const kind of processes.map(({ command }) => kindOf(command)))
    if (kind !== "esbuild") counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return counts;
}

/** A process's open descriptors by what they are: "socket", "pipe", "anon_inode:inotify", "file". */
export async function descriptorsOf(pid: number): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  for (const fd of await readdir(`/proc/${pid}/fd`).catch(() => [])) {
    const target = await readlink(`/proc/${pid}/fd/${fd}`).catch(() => undefined); // closed meanwhile
    if (target === undefined) continue;
    const kind = target.startsWith("/") ? "file" : target.replace(/:?\[\d+\]$|:\d+$/, "");
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return counts;
}

export function total(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((sum, count) => sum + count, 0);
}

export function describeCounts(counts: ReadonlyMap<string, number>): string {
  return [...counts]
    .map(([kind, count]) => `${kind} ${count}`)
    .toSorted()
    .join(", ");
}

function kindOf(command: string): string {
  return /\/src\/(?:runner\/)?(\w+)\.ts/.exec(command)?.[1] ?? command.split(" ")[0]?.replace(/^.*\//, "") ?? "";
}

function nameOf({ pid, start }: Seen): string {
  return `${pid} ${start}`;
}

/** All processes that have not ended; a zombie holds nothing. */
async function everybody(): Promise<readonly Seen[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(pids.map(Number).map(read));
  return found.filter((seen) => seen !== undefined);
}

async function read(pid: number): Promise<Seen | undefined> {
  try {
    const [stat, command] = await Promise.all([
      readFile(`/proc/${pid}/stat`, "utf8"),
      readFile(`/proc/${pid}/cmdline`, "utf8"),
    ]);
    // The name in brackets may hold anything; what follows is state, parent ... and the start as the 22nd field.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (fields[0] === "Z") return undefined;
    return { pid, parent: Number(fields[1]), start: fields[19] ?? "", command: command.replaceAll("\0", " ").trim() };
  } catch {
    return undefined; // it ended while we looked
  }
}
