/**
 * Theory of operation: what is removed because it is old is removed by the wall clock, and a wall clock can be wrong:
 * by hours after a flat battery, by half a year after a typing error. A removal can't be undone, so before it three
 * things must be plausible: the clocks of this process, the database and the file system agree; the wall clock ran as
 * fast as the monotonic one; and it is not far ahead of when this server last ran, which a file remembers. If one of
 * them is not, removing waits until the server has served for some days on a steady clock: long enough for somebody to
 * read the log or `doctor`. Those days count time served, not wall-clock time.
 *
 * A server that knows nothing yet (the first start, an update) waits as well.
 */
import { readFile, rename, stat, writeFile } from "node:fs/promises";
import type { Clock } from "./clock.ts";
import type { Log } from "./log.ts";
import { Scope } from "./scope.ts";

/** The clocks that are compared, and where the last run is remembered. */
export interface RetentionTimeOptions {
  /** File that remembers when this server ran; its modification time is the file system's clock. */
  readonly file: string;
  /** The database's clock, milliseconds since the epoch. */
  readonly databaseTime: () => Promise<number>;
  readonly clock: Clock;
  readonly log: Log;
  /** The file system's clock; by default the modification time of the file. */
  readonly fileTime?: (file: string) => Promise<number>;
}

interface Memory {
  /** The wall clock at the time of writing. */
  readonly seen: number;
  /** Milliseconds of service until removing may begin. */
  readonly wait: number;
}

const dayMs = 86_400_000;
/** Difference or jump of clocks that is still trusted. */
const toleranceMs = 10 * 60_000;
/** Time off after which the clock is not trusted. */
const maxGapMs = 3 * dayMs;
const steadyMs = 3 * dayMs;
const checkMs = 60_000;
const rememberMs = 10 * 60_000;

const modificationTime = async (file: string): Promise<number> => (await stat(file)).mtimeMs;

/** The judgement whether what is old may be removed. */
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

  /** Reads what is remembered, and starts checking the clock. Never rejects. */
  static async start(options: RetentionTimeOptions): Promise<RetentionTime> {
    const time = new RetentionTime(options);
    time.#judge(await time.#recall());
    time.#scope.own(options.clock.every(checkMs, () => time.#check()));
    time.#scope.own(options.clock.every(rememberMs, () => void time.#remember()));
    await time.#remember();
    return time;
  }

  /** Why nothing is removed for its age at present; undefined when it may be. */
  get waitsBecause(): string | undefined {
    this.#check();
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
  #check(): void {
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
    this.#wait = steadyMs;
    this.#why = why;
    this.#options.log.warn("nothing is removed for its age for some days: check the clock", {
      why,
      days: steadyMs / dayMs,
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
      this.#options.log.debug("when this server last ran can't be read", { error });
      return undefined;
    }
  }

  /** Writes the memory. Never rejects: without one the next start waits. */
  #remember(): Promise<void> {
    // A write that has not begun yet takes the state at its beginning.
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
