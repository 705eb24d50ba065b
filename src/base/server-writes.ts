/**
 * Theory of operation: when a program overfills the disk, what it wrote is removed after its end
 * (runner/broker/trim.ts), but a file that its owner saved in the editor meanwhile is just as new. So the server notes
 * what it writes into a home, in one file for each home, out of sight of any program: DIR/server-writes/USER. The
 * removal reads these notes. They are on the disk and not in memory because the save may come from another process or
 * node than the one that runs the program.
 *
 * A note holds for one version of a file: its inode, size and time of change as the server left them, and no more
 * blocks. So a program can't keep a byte of its own there: a file that has grown since is the program's again. A note
 * is written before the change that it describes can be seen. The newest notes count: between `notesBytes` and twice as
 * much are kept.
 */
import { readFileSync, statSync, lstatSync, type BigIntStats, type Stats } from "node:fs";
import { appendFile, mkdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { systemCode } from "./errors.ts";
import type { Log } from "./log.ts";

/** About a thousand notes. */
const notesBytes = 64 << 10;

const olderSuffix = ".older";
const blockBytes = 512n;
/** Blocks that a file system may need beside the content. */
const spareBlocks = 16n;

/**
 * The notes about what the server writes, for all homes. A note that can't be made is logged, and stops nobody from
 * saving.
 */
export class ServerWrites {
  readonly #directory: string;
  readonly #log: Log;
  /** The last write: one at a time, so that a full file is put aside once. */
  #last: Promise<void> = Promise.resolve();

  constructor(directory: string, log: Log) {
    this.#directory = directory;
    this.#log = log;
  }

  /** Path of the notes of one home. */
  fileOf(username: string): string {
    return join(this.#directory, username);
  }

  /** Notes a file that the server has just written and that nobody has seen yet. */
  async noteWritten(username: string, stats: BigIntStats): Promise<void> {
    const whole = stats.size / blockBytes + spareBlocks;
    await this.#note(username, stats, stats.blocks > whole ? stats.blocks : whole, 0n);
  }

  /**
   * Notes a file that the server is about to move: it stays what it was, though the kernel will give it a new time of
   * change.
   */
  async noteMoved(username: string, stats: BigIntStats): Promise<void> {
    await this.#note(username, stats, stats.blocks, stats.ctimeNs);
  }

  /** Removes the notes of a home: a new home under an old name starts without them. */
  async forget(username: string): Promise<void> {
    const file = this.fileOf(username);
    for (const each of [file, file + olderSuffix]) await rm(each, { force: true });
  }

  #note(username: string, { ino, size, mtimeNs }: BigIntStats, blocks: bigint, changedNs: bigint): Promise<void> {
    const line = `${ino} ${size} ${mtimeNs} ${blocks} ${changedNs}\n`;
    this.#last = this.#last.then(async () => {
      try {
        await this.#append(this.fileOf(username), line);
      } catch (error) {
        this.#log.warn("the server's own writes could not be recorded", { user: username, error });
      }
    });
    return this.#last;
  }

  async #append(file: string, line: string): Promise<void> {
    try {
      await appendFile(file, line, { mode: 0o600 });
    } catch (error) {
      if (systemCode(error) !== "ENOENT") throw error;
      await mkdir(this.#directory, { recursive: true, mode: 0o700 });
      await appendFile(file, line, { mode: 0o600 });
    }
    if ((await stat(file)).size < notesBytes) return;
    await rename(file, file + olderSuffix);
    await appendFile(file, "", { mode: 0o600 });
  }
}

interface Note {
  readonly size: bigint;
  readonly mtimeNs: bigint;
  readonly blocks: bigint;
  /** The time of change before the server moved it, nanoseconds; 0 when the server made it. */
  readonly changedNs: bigint;
}

/** The notes of one home as the counting thread reads them, with synchronous calls. */
export class ServerWritesReader {
  readonly #file: string | undefined;
  /** By the inode as a number, which may stand for several of them. */
  #notes = new Map<number, Note[]>();
  #version = "";

  constructor(file: string | undefined) {
    this.#file = file;
  }

  /**
   * Whether what is at `path` is as the server left it, and was not changed before by a run that began at `from` (wall
   * clock).
   */
  holds(path: Buffer, stats: Stats, from: number): boolean {
    this.#refresh();
    const notes = this.#notes.get(stats.ino);
    if (!notes) return false;
    const exact = lstatSync(path, { bigint: true, throwIfNoEntry: false });
    if (!exact || Number(exact.ino) !== stats.ino) return false;
    return notes.some((note) => {
      if (exact.blocks > note.blocks || note.changedNs >= BigInt(Math.floor(from)) * 1_000_000n) return false;
      // A folder changes with what is put into it.
      return exact.isDirectory() || (exact.size === note.size && exact.mtimeNs === note.mtimeNs);
    });
  }

  /** Reads what was added: saves go on while files are being removed. */
  #refresh(): void {
    if (this.#file === undefined) return;
    const found = statSync(this.#file, { bigint: true, throwIfNoEntry: false });
    const version = found ? `${found.ino}-${found.size}` : "none";
    if (version === this.#version) return;
    this.#version = version;
    this.#notes = new Map();
    for (const file of [this.#file + olderSuffix, this.#file]) this.#read(file);
  }

  #read(file: string): void {
    for (const line of textOf(file).split("\n")) {
      const match = /^(\d+) (\d+) (\d+) (\d+) (\d+)$/.exec(line);
      if (!match) continue; // the rest of a note that a full disk or a crash cut off
      const [ino = 0n, size = 0n, mtimeNs = 0n, blocks = 0n, changedNs = 0n] = match.slice(1).map(BigInt);
      const notes = this.#notes.get(Number(ino)) ?? [];
      this.#notes.set(Number(ino), notes);
      notes.push({ size, mtimeNs, blocks, changedNs });
    }
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "latin1");
  } catch (error) {
    if (systemCode(error) === "ENOENT") return "";
    throw error;
  }
}
