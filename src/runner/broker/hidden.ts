/**
 * Theory of operation: a file without a name takes room until nobody holds it any more, and no walk finds it. The
 * processes of a jail can hold one in three ways, and the kernel shows each: by a descriptor (open, unlink; O_TMPFILE),
 * in /proc/PID/task/TID/fd, read for each thread, since each can have its own table, and the first thread of a process
 * can end before the others; by a mapping alone, in /proc/PID/maps, where the size of the file can't be seen, so it
 * counts as the largest one allowed; and by a descriptor in flight, sent over a socket and not yet received, of which
 * only the number is shown (scm_fds in /proc/PID/fdinfo), so that the caller has to compare what the jail wrote with
 * what the file system lost.
 *
 * When processes fork and end faster than they can be read, or one can't be read at the moment, all are read again; if that does not help, the
 * result is unsure.
 */
import { readdirSync, readFileSync, statSync, type Stats } from "node:fs";
import { systemCode } from "../../base/errors.ts";
import { childrenOf, parentOf, stateOf, threadStateOf, threadsOf } from "./processes.ts";

/** What a jail holds without names. */
export interface Hidden {
  /** Bytes of nameless files. */
  readonly bytes: number;
  /** Descriptors that wait in sockets. */
  readonly inFlight: number;
  /** Whether processes came and went while they were read, so that something may be missing. */
  readonly unsure: boolean;
  /** Whether a process does not let itself be read. */
  readonly evaded: boolean;
  /**
   * Bytes that all processes of the jail have written to disk so far, also those that have ended; undefined where the
   * kernel does not tell.
   */
  readonly writtenBytes: number | undefined;
}

/** Where to look for nameless files. */
export interface HiddenQuestion {
  /** Pid of the jail's monitor, see processes.ts. */
  readonly monitor: number;
  /** Size of the largest file that may be written. */
  readonly fileBytes: number;
}

/** Bytes that a nameless file counts beside its content. */
const entryBytes = 512;

/** How often processes that come and go are read again. */
const maxRounds = 5;

/** Bound of the walk: more than the process limit allows. */
const maxProcesses = 512;

/** File systems of a jail that are memory, or nothing at all. */
const notOnDisk: ReadonlySet<string> = new Set([
  "tmpfs",
  "proc",
  "devpts",
  "devtmpfs",
  "mqueue",
  "sysfs",
  "cgroup",
  "cgroup2",
]);

/** Finds what a jail's processes hold without a name. */
export function* findHidden(question: HiddenQuestion): Generator<void, Hidden> {
  const search = new HiddenSearch(question);
  yield* search.run();
  return search.found();
}

class HiddenSearch {
  readonly #monitor: number;
  readonly #fileBytes: number;
  /** Bytes by inode; files found in an earlier round and gone now count as well. */
  readonly #files = new Map<number, number>();
  readonly #sockets = new Map<number, number>();
  readonly #written = new Map<number, number>();
  #writtenKnown = true;
  #unsure = false;
  #evaded = false;
  #memory: ReadonlySet<number> = new Set();
  #writable: readonly string[] = [];

  constructor({ monitor, fileBytes }: HiddenQuestion) {
    this.#monitor = monitor;
    this.#fileBytes = fileBytes;
  }

  *run(): Generator<void> {
    for (let round = 1; round <= maxRounds; round++) {
      this.#unsure = this.#evaded = false;
      this.#writtenKnown = true;
      yield* this.#round();
      if (!this.#unsure && !this.#evaded && this.#writtenKnown) return;
    }
  }

  found(): Hidden {
    return {
      bytes: sum(this.#files.values()),
      inFlight: sum(this.#sockets.values()),
      unsure: this.#unsure,
      evaded: this.#evaded,
      writtenBytes: this.#writtenKnown ? sum(this.#written.values()) : undefined,
    };
  }

  *#round(): Generator<void> {
    const open = childrenOf(this.#monitor);
    for (let count = 0, pid = open.pop(); pid !== undefined; pid = open.pop()) {
      if (++count > maxProcesses) this.#unsure = true;
      if (count > maxProcesses) return;
      this.#noteWritten(pid);
      // bwrap's own process holds nothing for the program.
      if (parentOf(pid) === this.#monitor) this.#readMounts(pid);
      else this.#process(pid);
      open.push(...childrenOf(pid));
      yield;
    }
  }

  #process(pid: number): void {
    const threads = threadsOf(pid);
    for (const thread of threads) this.#descriptors(pid, thread);
    const state = stateOf(pid);
    if (state === undefined) this.#unsure = true; // it ended meanwhile, and a child may hold its descriptors
    const living = threads.find((thread) => isAlive(threadStateOf(pid, thread)));
    if (living !== undefined) this.#mappings(`/proc/${pid}/task/${living}/maps`);
  }

  #descriptors(pid: number, thread: string): void {
    const directory = `/proc/${pid}/task/${thread}/fd`;
    let names: string[];
    try {
      names = readdirSync(directory);
    } catch (error) {
      // A process that ends is closed to us as well, but has no memory by then; a living one was closed on purpose
      // (prctl).
      if (systemCode(error) === "EACCES" && hasMemory(pid, thread)) this.#evaded = true;
      return;
    }
    for (const name of names) this.#descriptor(directory, name);
  }

  #descriptor(directory: string, name: string): void {
    const stats = statIfThere(`${directory}/${name}`);
    if (!stats) return;
    if (stats.isSocket()) {
      const [, waiting] = /^scm_fds:\s*(\d+)/m.exec(readText(`${directory.slice(0, -2)}fdinfo/${name}`)) ?? [];
      if (waiting !== undefined)
        this.#sockets.set(stats.ino, Math.max(this.#sockets.get(stats.ino) ?? 0, Number(waiting)));
    } else if (stats.isFile() && stats.nlink === 0 && !this.#memory.has(stats.dev)) {
      this.#files.set(stats.ino, stats.blocks * 512 + entryBytes);
    }
  }

  /**
   * Reads mappings of files that the program could write: a system library that was replaced meanwhile is nameless,
   * too.
   */
  #mappings(path: string): void {
    for (const line of readText(path).split("\n")) {
      if (!line.endsWith(" (deleted)")) continue;
      const [, inode, name] = /^\S+ \S+ \S+ \S+ (\d+) +(.*)$/.exec(line) ?? [];
      if (inode === undefined || name === undefined || !this.#writable.some((mount) => name.startsWith(mount)))
        continue;
      if (!this.#files.has(Number(inode))) this.#files.set(Number(inode), this.#fileBytes);
    }
  }

  /** Reads the mounts of a jail, which are made before its program begins and stay. */
  #readMounts(pid: number): void {
    if (this.#writable.length > 0) return;
    const memory = new Set<number>();
    const writable: string[] = [];
    for (const line of readText(`/proc/${pid}/mountinfo`).split("\n")) {
      const [before = "", after = ""] = line.split(" - ");
      const [, , device = "", , target = "", options = ""] = before.split(" ");
      const [type = ""] = after.split(" ");
      if (notOnDisk.has(type)) memory.add(deviceNumber(device));
      else if (options.split(",").includes("rw")) writable.push(`${unescaped(target)}/`);
    }
    this.#memory = memory;
    this.#writable = writable;
  }

  /**
   * Adds write_bytes of proc(5): what was made dirty, also through a mapping. A child's is added to the parent that
   * waited for it.
   */
  #noteWritten(pid: number): void {
    const [, bytes] = /^write_bytes: (\d+)/m.exec(readText(`/proc/${pid}/io`)) ?? [];
    if (bytes !== undefined) this.#written.set(pid, Number(bytes));
    else if (hasMemory(pid, String(pid))) this.#writtenKnown = false;
  }
}

function sum(values: Iterable<number>): number {
  return [...values].reduce((total, value) => total + value, 0);
}

function isAlive(state: string | undefined): boolean {
  return state !== undefined && state !== "Z" && state !== "X";
}

/** /proc/PID/task/TID/statm begins with the size of the address space. */
function hasMemory(pid: number, thread: string): boolean {
  return Number.parseInt(readText(`/proc/${pid}/task/${thread}/statm`), 10) > 0;
}

function statIfThere(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined; // it has ended, or closed the descriptor
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}

/** "254:0" of mountinfo as stat(2) gives it: makedev(3). */
function deviceNumber(text: string): number {
  const [major = 0, minor = 0] = text.split(":").map(Number);
  return ((major & 0xfff) << 8) + (minor & 0xff) + (minor >> 8) * 2 ** 20;
}

/** mountinfo writes blanks as \040. */
function unescaped(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}
