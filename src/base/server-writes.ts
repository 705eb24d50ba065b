/**
 * Theory of operation: a program that overfills the disk has what it wrote removed after its end (runner/broker/trim.ts), and a file that
 * its person saved in the editor meanwhile is as new as the program's. So the server notes what it writes into a home, in a file for each
 * home outside of what any program sees: DIR/server-writes/USER. Whoever removes reads it then and there. It is on the disk and not in
 * memory since the save may come from another process, or another node, than the one that runs the program.
 *
 * A note holds for one version of a file: its inode, size and time of change as the server left them, and no more blocks. So a program
 * can keep no byte of its own there: a file that has grown since is the program's again. A note is written before what it tells of can
 * be seen. The newest ones count: between `notesBytes` and twice as much are kept.
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
/** What a file system may need beside the content, in blocks. */
const spareBlocks = 16n;

/** Where the server notes what it writes, for all homes. A note that can't be made keeps nobody from saving: it is logged. */
export class ServerWrites {
  readonly #directory: string;
  readonly #log: Log;
  /** One note at a time: a file is put aside once when it is full. */
  #last: Promise<void> = Promise.resolve();

  constructor(directory: string, log: Log) {
    this.#directory = directory;
    this.#log = log;
  }

  /** The notes of one home. */
  fileOf(username: string): string {
    return join(this.#directory, username);
  }

  /** What the server has just written or made and nobody has seen yet: no run has put anything there. */
  async noteWritten(username: string, stats: BigIntStats): Promise<void> {
    const whole = stats.size / blockBytes + spareBlocks;
    await this.#note(username, stats, stats.blocks > whole ? stats.blocks : whole, 0n);
  }

  /** What the server is about to move: it is what it was before, though the kernel will say that it has changed. */
  async noteMoved(username: string, stats: BigIntStats): Promise<void> {
    await this.#note(username, stats, stats.blocks, stats.ctimeNs);
  }

  /** A new home under an old name has nothing of the old one. */
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
        this.#log.warn("what the server writes could not be noted", { user: username, error });
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
  /** When it had last changed when the server met it; 0 when the server made it. */
  readonly changedNs: bigint;
}

/** Reads the notes of one home, for the thread that looks at disks: the calls are synchronous. */
export class ServerWritesReader {
  readonly #file: string | undefined;
  /** By the inode as a number, which may stand for several of them. */
  #notes = new Map<number, Note[]>();
  #version = "";

  constructor(file: string | undefined) {
    this.#file = file;
  }

  /** Whether what is at `path` is as the server left it, and was not changed by a run that began at `from` (Date.now()) before. */
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

  /** Saves go on while files are being removed. */
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
      if (!match) continue; // the end of a note that a full disk or a crash has cut
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
