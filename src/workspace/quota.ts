/**
 * How much each account keeps, and whether there is room for more. This covers what goes through classh; the runner
 * watches what running programs write. Counting walks all folders of an account, so a count is kept for a while.
 */
import type { Clock } from "../base/clock.ts";
import { counted } from "../base/counted.ts";
import { UserError } from "../base/errors.ts";
import { openChild } from "./confined.ts";
import { lstat, type Descriptor } from "./descriptor.ts";
import { keptBytes } from "./kept-bytes.ts";
import { shownSize } from "./rules.ts";
import { walk, type WalkBounds } from "./walk.ts";

/** What an account keeps. */
export interface Usage {
  /** Bytes on disk, each file and folder rounded up to a block. */
  readonly bytes: number;
  /** Files and folders. */
  readonly files: number;
  /** Whether everything could be counted. */
  readonly complete: boolean;
}

interface Count extends Usage {
  /** On the monotonic clock. */
  readonly at: number;
}

/** Factor of the entries that an account may have at which a count gives up: more would take too long. */
const countedShare = 2;
const keptCounts = 1000;

/** Age at which a count may still be shown. */
const showableMs = 5_000;
/** Age at which a count may still admit a write, while there is plenty of room left. */
const admissibleMs = 60_000;
const plenty = 0.9;

/** The quotas of all accounts. */
export class Quota {
  readonly #limit: number;
  readonly #maxEntries: number;
  readonly #depth: number;
  readonly #clock: Clock;
  readonly #openHome: (owner: string) => Promise<Descriptor>;
  readonly #counts = new Map<string, Count>();
  readonly #counting = new Map<string, Promise<Count>>();

  constructor(options: {
    limitBytes: number;
    maxEntries: number;
    depth: number;
    clock: Clock;
    openHome: (owner: string) => Promise<Descriptor>;
  }) {
    this.#limit = options.limitBytes;
    this.#maxEntries = options.maxEntries;
    this.#depth = options.depth;
    this.#clock = options.clock;
    this.#openHome = options.openHome;
  }

  /** What an account keeps, at most a few seconds old. */
  async usage(owner: string): Promise<Usage> {
    const { bytes, files, complete } = this.#recent(owner, showableMs) ?? (await this.#count(owner));
    return { bytes, files, complete };
  }

  /**
   * Throws `quota-exceeded` unless `bytes` more may be written, in so many new files and folders. Whoever has too many may still save what is
   * there. The course (no owner) has no quota.
   */
  async admit(owner: string | undefined, bytes: number, entries: number): Promise<void> {
    if (owner === undefined || (bytes <= 0 && entries <= 0)) return;
    const known = this.#recent(owner, admissibleMs);
    if (known?.complete && this.#hasPlenty(known, bytes, entries)) return;
    const now = await this.#count(owner);
    if (entries > 0 && now.files + entries > this.#maxEntries) {
      throw new UserError(
        "quota-exceeded",
        `your account has no room left for more files: ${counted(Math.min(now.files, this.#maxEntries), "file")} of ${this.#maxEntries.toLocaleString("en")} are there, folders included`,
        "Delete files or folders that you don't need, then try again. You can still save what you have open.",
      );
    }
    if (!now.complete && entries > 0) {
      throw new UserError(
        "quota-exceeded",
        "your files can't be counted: some folders can't be read, or are too deep",
        "Delete files or folders that you don't need, then try again. You can still save what you have open.",
      );
    }
    if (now.bytes + bytes > this.#limit) {
      throw new UserError(
        "quota-exceeded",
        `your account has no room left for this: ${shownSize(now.bytes)} of ${shownSize(this.#limit)} are used`,
        "Delete files that you don't need, then try again.",
      );
    }
  }

  /** Accounts with little room left, among those that were counted lately. */
  get crowded(): number {
    return [...this.#counts.values()].filter((count) => !this.#hasPlenty(count, 0, 0)).length;
  }

  #hasPlenty(count: Count, bytes: number, entries: number): boolean {
    return count.bytes + bytes < this.#limit * plenty && count.files + entries < this.#maxEntries * plenty;
  }

  /** Throws `quota-exceeded` unless a file, or a folder with everything in it, may be added. */
  async admitTree(owner: string | undefined, parent: Descriptor, name: Buffer): Promise<void> {
    if (owner === undefined) return;
    const { bytes, files } = await measureTree(parent, name, this.#bounds);
    await this.admit(owner, bytes, files);
  }

  /** Adds to the count, so that many small writes between two counts are noticed. */
  add(owner: string | undefined, bytes: number, entries: number): void {
    const count = owner === undefined ? undefined : this.#counts.get(owner);
    if (owner === undefined || !count) return;
    this.#counts.set(owner, { ...count, bytes: Math.max(0, count.bytes + bytes), files: count.files + entries });
  }

  /** Discards the count: something was deleted or moved. */
  forget(owner: string | undefined): void {
    if (owner !== undefined) this.#counts.delete(owner);
  }

  get #bounds(): Bounds {
    return { entries: this.#maxEntries * countedShare, depth: this.#depth };
  }

  #recent(owner: string, age: number): Count | undefined {
    const count = this.#counts.get(owner);
    return count && this.#clock.monotonic() - count.at < age ? count : undefined;
  }

  /** Counts once for all who ask meanwhile. */
  #count(owner: string): Promise<Count> {
    const running = this.#counting.get(owner);
    if (running) return running;
    const counting = this.#countNow(owner).finally(() => this.#counting.delete(owner));
    this.#counting.set(owner, counting);
    return counting;
  }

  async #countNow(owner: string): Promise<Count> {
    const at = this.#clock.monotonic();
    using home = await this.#openHome(owner);
    const count = { ...(await measure(home, this.#bounds)), at };
    this.#counts.delete(owner);
    const oldest = this.#counts.size >= keptCounts ? this.#counts.keys().next().value : undefined;
    if (oldest !== undefined) this.#counts.delete(oldest);
    this.#counts.set(owner, count);
    return count;
  }
}

type Bounds = Pick<WalkBounds, "entries" | "depth">;

/** Counts a folder with everything in it; more entries, or deeper folders, make it incomplete. */
async function measure(folder: Descriptor, bounds: Bounds): Promise<Usage> {
  let bytes = 0;
  let files = 0;
  const complete = await walk(folder, { ...bounds, opensClosed: true }, (_folder, _name, stats) => {
    files++;
    bytes += keptBytes(Number(stats.size), stats);
  });
  return { bytes, files, complete };
}

/** Counts a file, or a folder with everything in it, itself included. */
async function measureTree(parent: Descriptor, name: Buffer, bounds: Bounds): Promise<Usage> {
  const stats = await lstat(parent.at(name));
  if (!stats.isDirectory()) return { bytes: keptBytes(Number(stats.size)), files: 1, complete: true };
  using folder = await openChild(parent, name);
  const within = await measure(folder, bounds);
  return { ...within, files: within.files + 1 };
}
