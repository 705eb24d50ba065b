/**
 * Theory of operation: what is removed because it is old is removed by the wall clock, and a wall clock can be wrong: by hours after a flat battery, by half a year
 * after a typing error. Nothing that follows from one wrong clock can be taken back, so before anything is removed three things must be plausible: the clock of
 * this process, the database's and the file system's agree; the wall clock went as fast as the monotonic one; and it is not far ahead of when this server ran last,
 * which a file remembers. Where one of them is not, removing waits until the server has served for some days on a clock that ran steadily: long enough for
 * somebody to read the log or `doctor`. Those days count time served, and not the wall clock.
 *
 * A server that knows nothing yet (the first start, an update) waits as well.
 */
import { readFile, rename, stat, writeFile } from "node:fs/promises";
import type { Clock } from "./clock.ts";
import type { Log } from "./log.ts";
import { Scope } from "./scope.ts";

export interface RetentionTimeOptions {
  /** Where it is remembered when this server ran; its modification time is the file system's clock. */
  readonly file: string;
  /** The database's clock, milliseconds since the epoch. */
  readonly databaseTime: () => Promise<number>;
  readonly clock: Clock;
  readonly log: Log;
  /** The file system's clock; without it the real one. */
  readonly fileTime?: (file: string) => Promise<number>;
}

interface Memory {
  /** The wall clock when it was written. */
  readonly seen: number;
  /** Milliseconds of service until removing may go on. */
  readonly wait: number;
}

const dayMs = 86_400_000;
/** Clocks that differ by more, or that jump by more, are not trusted. */
const toleranceMs = 10 * 60_000;
/** A server that was off for longer could as well have a wrong clock. */
const maxGapMs = 3 * dayMs;
const settleMs = 3 * dayMs;
const lookMs = 60_000;
const rememberMs = 10 * 60_000;

const modificationTime = async (file: string): Promise<number> => (await stat(file)).mtimeMs;

export class RetentionTime implements AsyncDisposable {
  readonly #options: RetentionTimeOptions;
  readonly #scope = new Scope("retention time");
  #wall: number;
  #monotonic: number;
  #wait = 0;
  #why: string | undefined;
  #writing: Promise<void> = Promise.resolve();
  #due = false;

  private constructor(options: RetentionTimeOptions) {
    this.#options = options;
    this.#wall = options.clock.now();
    this.#monotonic = options.clock.monotonic();
  }

  /** Reads what is remembered. Never rejects. */
  static async start(options: RetentionTimeOptions): Promise<RetentionTime> {
    const time = new RetentionTime(options);
    time.#judge(await time.#recall());
    time.#scope.own(options.clock.every(lookMs, () => time.#look()));
    time.#scope.own(options.clock.every(rememberMs, () => void time.#remember()));
    await time.#remember();
    return time;
  }

  /** Why nothing is removed for its age right now; undefined when it may be. */
  get waitsBecause(): string | undefined {
    this.#look();
    return this.#wait > 0 ? this.#why : undefined;
  }

  /** Whether what is old by the wall clock may be removed now. Never rejects. */
  async mayRemove(): Promise<boolean> {
    const { clock, databaseTime, file, log, fileTime = modificationTime } = this.#options;
    const waits = this.waitsBecause;
    if (waits !== undefined) {
      log.info("nothing is removed for its age yet", { why: waits, hours: Math.ceil(this.#wait / 3_600_000) });
      return false;
    }
    try {
      await this.#remember();
      const [database, files] = await Promise.all([databaseTime(), fileTime(file)]);
      const own = clock.now();
      const apart = Math.max(Math.abs(database - own), Math.abs(files - own));
      if (apart <= toleranceMs) return true;
      this.#waitFor(`the clocks of the server, the database and the file system are ${spell(apart)} apart`);
    } catch (error) {
      log.warn("nothing is removed for its age: not all clocks could be asked", { error });
    }
    return false;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#scope.close();
    await this.#remember();
  }

  #judge(memory: Memory | undefined): void {
    if (!memory) return this.#waitFor("it is not known yet when this server last ran");
    const gap = this.#wall - memory.seen;
    this.#wait = memory.wait;
    if (memory.wait > 0) this.#why = "the clock has not run steadily for long enough";
    if (gap > maxGapMs) this.#waitFor(`the clock is ${spell(gap)} ahead of when this server last ran`);
    if (gap < -toleranceMs) this.#waitFor(`the clock is ${spell(-gap)} behind when this server last ran`);
  }

  /** Compares the wall clock with the monotonic one. */
  #look(): void {
    const { clock } = this.#options;
    const [wall, monotonic] = [clock.now(), clock.monotonic()];
    const passed = monotonic - this.#monotonic;
    const jump = wall - this.#wall - passed;
    this.#wall = wall;
    this.#monotonic = monotonic;
    this.#wait = Math.max(0, this.#wait - passed);
    if (Math.abs(jump) > toleranceMs)
      this.#waitFor(`the clock jumped ${spell(Math.abs(jump))} ${jump > 0 ? "ahead" : "back"}`);
  }

  #waitFor(why: string): void {
    this.#wait = settleMs;
    this.#why = why;
    this.#options.log.warn("nothing is removed for its age for some days: check the clock", {
      why,
      days: settleMs / dayMs,
    });
    void this.#remember();
  }

  async #recall(): Promise<Memory | undefined> {
    try {
      const value: unknown = JSON.parse(await readFile(this.#options.file, "utf8"));
      if (typeof value !== "object" || value === null) return undefined;
      const { seen, wait } = value as Record<string, unknown>;
      return typeof seen === "number" && typeof wait === "number" ? { seen, wait } : undefined;
    } catch (error) {
      this.#options.log.debug("no memory of when this server ran", { error });
      return undefined;
    }
  }

  /** Never rejects: without memory the next start waits. */
  #remember(): Promise<void> {
    // One that has not begun yet writes what is so when it begins.
    if (this.#due) return this.#writing;
    this.#due = true;
    this.#writing = this.#writing.then(async () => {
      this.#due = false;
      const { file, log } = this.#options;
      const temporary = `${file}.${process.pid}.tmp`;
      const memory: Memory = { seen: this.#wall, wait: this.#wait };
      try {
        await writeFile(temporary, `${JSON.stringify(memory)}\n`, { mode: 0o600 });
        await rename(temporary, file);
      } catch (error) {
        log.debug("when this server ran could not be written down", { error });
      }
    });
    return this.#writing;
  }
}

function spell(ms: number): string {
  if (ms >= 2 * dayMs) return `${Math.round(ms / dayMs)} days`;
  if (ms >= 2 * 3_600_000) return `${Math.round(ms / 3_600_000)} hours`;
  return `${Math.round(ms / 60_000)} minutes`;
}
