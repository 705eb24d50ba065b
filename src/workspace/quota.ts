/**
 * How much each account keeps, and whether there is room for more. This covers what goes through classh; the runner
 * watches what running programs write. Counting walks all folders of an account, so a count is kept for a while.
 */
import type { Clock } from "../base/clock.ts";
import { UserError } from "../base/errors.ts";
import { openChild } from "./confined.ts";
import { lstat, type Descriptor } from "./descriptor.ts";
import { keptBytes } from "./kept-bytes.ts";
import { shownSize } from "./rules.ts";
import { walk } from "./walk.ts";

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

/** Files and folders that an account may have: more would take too long to count. */
export const countedEntries = 50_000;
const keptCounts = 1000;

/** Age at which a count may still be shown. */
const showableMs = 5_000;
/** Age at which a count may still admit a write, while there is plenty of room left. */
const admissibleMs = 60_000;
const plenty = 0.9;

/** The quotas of all accounts. */
export class Quota {
  readonly #limit: number;
  readonly #depth: number;
  readonly #clock: Clock;
  readonly #openHome: (owner: string) => Promise<Descriptor>;
  readonly #counts = new Map<string, Count>();
  readonly #counting = new Map<string, Promise<Count>>();

  constructor(options: {
    limitBytes: number;
    depth: number;
    clock: Clock;
    openHome: (owner: string) => Promise<Descriptor>;
  }) {
    this.#limit = options.limitBytes;
    this.#depth = options.depth;
    this.#clock = options.clock;
    this.#openHome = options.openHome;
  }

  /** What an account keeps, at most a few seconds old. */
  async usage(owner: string): Promise<Usage> {
    const { bytes, files, complete } = this.#recent(owner, showableMs) ?? (await this.#count(owner));
    return { bytes, files, complete };
  }

  /** Throws `quota-exceeded` unless `bytes` more may be written. The course (no owner) has no quota. */
  async admit(owner: string | undefined, bytes: number): Promise<void> {
    if (owner === undefined || bytes <= 0) return;
    const known = this.#recent(owner, admissibleMs);
    if (known?.complete && known.bytes + bytes < this.#limit * plenty) return;
    const now = await this.#count(owner);
    if (!now.complete) {
      throw new UserError(
        "quota-exceeded",
        "your files can't be counted: there are too many, or some folders can't be read",
        "Delete files or folders that you don't need, then try again.",
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

  /** Throws `quota-exceeded` unless a file, or a folder with everything in it, may be added. */
  async admitTree(owner: string | undefined, parent: Descriptor, name: Buffer): Promise<void> {
    if (owner !== undefined) await this.admit(owner, (await measureTree(parent, name, this.#depth)).bytes);
  }

  /** Adds bytes to the count, so that many small writes between two counts are noticed. */
  add(owner: string | undefined, bytes: number): void {
    const count = owner === undefined ? undefined : this.#counts.get(owner);
    if (owner !== undefined && count) this.#counts.set(owner, { ...count, bytes: Math.max(0, count.bytes + bytes) });
  }

  /** Discards the count: something was deleted or moved. */
  forget(owner: string | undefined): void {
    if (owner !== undefined) this.#counts.delete(owner);
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
    const count = { ...(await measure(home, this.#depth)), at };
    this.#counts.delete(owner);
    const oldest = this.#counts.size >= keptCounts ? this.#counts.keys().next().value : undefined;
    if (oldest !== undefined) this.#counts.delete(oldest);
    this.#counts.set(owner, count);
    return count;
  }
}

/** Counts a folder with everything in it; folders deeper than `depth` make it incomplete. */
export async function measure(folder: Descriptor, depth: number): Promise<Usage> {
  let bytes = 0;
  let files = 0;
  const complete = await walk(
    folder,
    { entries: countedEntries, depth, opensClosed: true },
    (_folder, _name, stats) => {
      files++;
      bytes += keptBytes(Number(stats.size), stats);
    },
  );
  return { bytes, files, complete };
}

async function measureTree(parent: Descriptor, name: Buffer, depth: number): Promise<Usage> {
  const stats = await lstat(parent.at(name));
  if (!stats.isDirectory()) return { bytes: keptBytes(Number(stats.size)), files: 1, complete: true };
  using folder = await openChild(parent, name);
  return await measure(folder, depth);
}
