/**
 * Room on the disk for the server itself.
 /**
  * Theory of operation: a full disk costs everybody their last minutes, since nothing can be saved any more and
  * PostgreSQL shuts down. So the server checks its file system every two seconds. When less than the reserve is free,
  * programs don't start and nothing new is made; what is open can still be saved. For the last saves there is a reserve
  * on the disk itself: DIR/reserve, a file of real blocks and some empty files (inodes can run out as well). Whoever
  * gets ENOSPC removes it and tries once more. It is made again when there is plenty of room. Several processes of a
  * server may do this at once: what one of them removed is gone for all.
  */
import type { StatsFs } from "node:fs";
import { mkdir, open, rename, rm, stat, statfs, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "./clock.ts";
import { systemCode, UserError } from "./errors.ts";
import type { Log } from "./log.ts";

export interface DiskRoomOptions {
  /** DIR, the data directory. */
  readonly directory: string;
  /** Free mebibytes below which programs don't start and nothing new is made; 0 for never. */
  readonly reserveMebibytes: number;
  /** Size of the file that is removed for the last saves; 0 for none. */
  readonly reserveFileMebibytes: number;
  /** Whether this process makes the reserve again: one of several does. */
  readonly keeps: boolean;
  readonly clock: Clock;
  readonly log: Log;
  /** Measures what is free; by default with statfs. */
  readonly measure?: (directory: string) => Promise<FreeRoom>;
}

/** What is free on a file system. */
export interface FreeRoom {
  readonly bytes: number;
  /** Undefined where the file system has no fixed number of them (btrfs). */
  readonly inodes: number | undefined;
}

const mebibyte = 1 << 20;
const checkMs = 2000;

/** Free inodes below which the disk counts as full: a save needs one, and PostgreSQL some. */
export const minInodes = 2000;
/** Empty files in the reserve; each gives back one inode. */
const reservedInodes = 256;

/** The free room on the server's disk, checked every two seconds. */
export class DiskRoom implements AsyncDisposable {
  readonly #options: DiskRoomOptions;
  readonly #timer: Disposable;
  #free: FreeRoom | undefined;
  #short = false;
  #releasing: Promise<boolean> | undefined;
  #checking: Promise<void> | undefined;
  #closed = false;

  private constructor(options: DiskRoomOptions) {
    this.#options = options;
    this.#timer = options.clock.every(checkMs, () => this.#checkSoon());
  }

  /** Measures once; the reserve is made soon after. */
  static async open(options: DiskRoomOptions): Promise<DiskRoom> {
    const room = new DiskRoom(options);
    await room.check();
    return room;
  }

  /** What was free at the last check; undefined where the system does not tell. */
  get free(): FreeRoom | undefined {
    return this.#free;
  }

  /** Whether too little is free for programs and new files. */
  get short(): boolean {
    return this.#short;
  }

  /** Bytes that the server keeps for itself. */
  get reserveBytes(): number {
    return this.#options.reserveMebibytes * mebibyte;
  }

  /** Throws `disk-full` while there is too little room. `what` can't be done meanwhile: "programs can't be run". */
  require(what: string): void {
    if (!this.#short) return;
    throw new UserError(
      "disk-full",
      `the server's disk is almost full: ${what} until there is room again`,
      "You can still save what you have open (Ctrl-S). Tell your teacher that the server needs more room.",
    );
  }

  /** Gives up the reserve for the last saves; false when there was none. */
  release(): Promise<boolean> {
    this.#releasing ??= this.#release().finally(() => (this.#releasing = undefined));
    return this.#releasing;
  }

  /** Does work that needs room; on ENOSPC once more after the reserve was given up. */
  async withReserve<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (systemCode(error) !== "ENOSPC" || !(await this.release())) throw error;
      return await work();
    }
  }

  /** Measures now. */
  async check(): Promise<void> {
    const { directory, reserveMebibytes, log } = this.#options;
    // A disk that does not tell is not taken for a full one; the start checks and `doctor` say what is wrong with it.
    const free = await (this.#options.measure ?? measure)(directory).catch(() => undefined);
    this.#free = free;
    if (!free) return;
    const few = free.inodes !== undefined && free.inodes < minInodes;
    const short = reserveMebibytes > 0 && (free.bytes < reserveMebibytes * mebibyte || few);
    const facts = { freeMebibytes: Math.floor(free.bytes / mebibyte), freeInodes: free.inodes, directory };
    if (short && !this.#short)
      log.error("the disk is almost full: programs don't start and nothing new is created until there is room", facts);
    if (!short && this.#short) log.info("there is room on the disk again", facts);
    this.#short = short;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.#timer[Symbol.dispose]();
    await this.#checking;
  }

  #checkSoon(): void {
    if (this.#closed) return;
    // A disk that does not answer is not asked again meanwhile.
    this.#checking ??= this.check()
      .then(() => this.#keepReserve())
      .catch((error: unknown) => this.#options.log.warn("the free space of the disk can't be read", { error }))
      .finally(() => (this.#checking = undefined));
  }

  get #reserve(): string {
    return join(this.#options.directory, "reserve");
  }

  async #release(): Promise<boolean> {
    const aside = `${this.#reserve}.${process.pid}`;
    try {
      // A rename is one step: only one of two processes gets it.
      await rename(this.#reserve, aside);
    } catch (error) {
      if (systemCode(error) === "ENOENT") return false;
      throw error;
    }
    await rm(aside, { recursive: true, force: true });
    this.#options.log.error("the disk is full: the reserve was given up for the last saves", {
      directory: this.#options.directory,
    });
    return true;
  }

  /**
   * Makes the reserve, where twice as much as both reserves is free: otherwise it would be made and given up by turns.
   */
  async #keepReserve(): Promise<void> {
    const { reserveFileMebibytes, reserveMebibytes, keeps, log } = this.#options;
    const { bytes = 0, inodes } = this.#free ?? {};
    if (
      !keeps ||
      this.#short ||
      reserveFileMebibytes === 0 ||
      bytes < (2 * reserveFileMebibytes + reserveMebibytes) * mebibyte
    )
      return;
    if (inodes !== undefined && inodes < minInodes + 2 * reservedInodes) return;
    if (await exists(this.#reserve)) return;
    const unfinished = `${this.#reserve}.new`;
    try {
      await rm(unfinished, { recursive: true, force: true });
      await mkdir(unfinished, { mode: 0o700 });
      for (let number = 0; number < reservedInodes; number++) await writeFile(join(unfinished, `inode-${number}`), "");
      await fill(join(unfinished, "blocks"), reserveFileMebibytes, () => this.#closed);
      if (this.#closed) return await rm(unfinished, { recursive: true, force: true });
      await rename(unfinished, this.#reserve);
    } catch (error) {
      await rm(unfinished, { recursive: true, force: true });
      log.warn("the reserve for the last saves could not be made", { error });
    }
  }
}

async function measure(directory: string): Promise<FreeRoom> {
  return roomIn(await statfs(directory));
}

/** What is free, of what statfs(2) says. */
export function roomIn({ bavail, bsize, files, ffree }: StatsFs): FreeRoom {
  return { bytes: bavail * bsize, inodes: files > 0 ? ffree : undefined };
}

/** Fills a file with real blocks: a hole would reserve nothing. */
async function fill(file: string, mebibytes: number, givenUp: () => boolean): Promise<void> {
  await using handle = await open(file, "wx", 0o600);
  const block = Buffer.alloc(mebibyte);
  for (let number = 0; number < mebibytes && !givenUp(); number++) await handle.write(block);
  if (!givenUp()) await handle.sync();
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}
