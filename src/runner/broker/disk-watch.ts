/**
 * Keeps a jail within what its owner may keep, where no kernel quota does (and beside one, for the number of entries).
 *
 * Theory of operation: a program writes 2 GB and 36,000 files a second; a count takes milliseconds to a second. So
 * while it works, its files are counted at least every few seconds, and at once when the file system has lost much
 * room, or many inodes. What has no name counts too (hidden.ts). What can't be counted, descriptors in flight, is found by comparison:
 * a jail that has some at two counts in a row, and wrote more than can be seen while the file system lost that room, is
 * assumed to hold the difference. After its end, when nothing can change any more, it is counted once more, and what it
 * wrote far beyond the limit is removed. A program whose owner keeps too much already may read and delete, but not add.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { FreeRoom } from "../../base/disk-room.ts";
import type { JailLimits } from "../protocol.ts";
import type { DiskCounter } from "./counter.ts";
import type { MeasureAnswer } from "./counting-thread.ts";
import { clockLagMs, overflows } from "./tree-usage.ts";

/** What is watched, and the limits. */
export interface DiskWatchOptions {
  readonly counter: DiskCounter;
  readonly limits: JailLimits;
  readonly furtherDirectories: readonly string[];
  readonly monitor: number;
  /** Called when too much is kept, or written while there is no room; at every count until the jail has ended. */
  readonly exceeded: (limit: "disk" | "entries" | "room") => void;
}

/** What the last count found and removed. */
export interface DiskEnd {
  readonly exceeded: "disk" | "entries" | undefined;
  readonly removedFiles: number;
  readonly removedNames?: readonly string[];
}

/**
 * First wait between counts. Files grow fast, but walking a large workspace takes time: a tenth of the time is spent on
 * it, as long as that is often enough.
 */
const firstMs = 100;
const pauseMs = 500;
const maxPauseMs = 2500;
const pauseShare = 10;

/** Part of the limit which, lost on the file system since the last count, causes one at once. */
const alarmShare = 1 / 16;

/** Factor of the limit that may be used for a moment. */
const grace = 1.25;

/**
 * Bytes by which a program may grow a workspace that was over its limit before; beyond the grace it may not grow at
 * all. It may be read and tidied up.
 */
const growthBytes = 1 << 20;
/** Entries that a program may add while the server has no inodes left for itself. */
const growthEntries = 64;
const minGrowthBytes = 1 << 16;

/** How long the last count may delay the news that the program has ended: a disk may not answer. */
const finishMs = 60_000;

/** The watch over what one jail keeps. */
export class DiskWatch implements Disposable {
  readonly #options: DiskWatchOptions;
  readonly #directories: readonly string[];
  readonly #over = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  /** When the program began, and when files were last counted: on the wall clock, as the times of files are. */
  #beganAt: number | undefined;
  #lookedAt = 0;
  #usedAtStart: number | undefined;
  #entriesAtStart: number | undefined;
  #entriesAtCount: number | undefined;
  #freeAtStart: FreeRoom | undefined;
  #freeAtCount: FreeRoom | undefined;
  #writes = true;
  #counting = false;
  #exceeded: "disk" | "entries" | undefined;
  /** Counts in a row that found descriptors in flight. */
  #doubts = 0;

  constructor(options: DiskWatchOptions) {
    this.#options = options;
    this.#directories = [options.limits.workspaceDirectory, ...options.furtherDirectories];
  }

  /** Starts watching: the jail has been given something to do. */
  begin(): void {
    this.#beganAt = this.#lookedAt = Date.now();
    void this.#askFree().then((free) => (this.#freeAtStart = this.#freeAtCount = free));
  }

  /** Notes that the program works, and may write. */
  mayWrite(): void {
    this.#writes = true;
    if (this.#counting || this.#over.signal.aborted) return;
    this.#later(firstMs);
    void this.#alarm();
  }

  /** Stops watching; a count under way is given up. */
  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#over.abort();
  }

  /** The last count, after everything in the jail has ended. Removes what was written far beyond the limit. */
  async finish(): Promise<DiskEnd> {
    const from = this.#beganAt;
    if (from === undefined) return { exceeded: undefined, removedFiles: 0 };
    const patience = new Promise<DiskEnd>((resolve) => {
      setTimeout(() => resolve({ exceeded: this.#exceeded, removedFiles: 0 }), finishMs).unref();
    });
    return await Promise.race([patience, this.#finalCount(from).catch((error: unknown) => this.#failed(error))]);
  }

  async #finalCount(from: number): Promise<DiskEnd> {
    const until = Date.now();
    const end = await this.#countAtEnd(from, until);
    // What was written last must not look as if the next program had written it.
    if (end.exceeded) await sleep(clockLagMs);
    return end;
  }

  async #countAtEnd(from: number, until: number): Promise<DiskEnd> {
    const answer = await this.#ask(from, false, new AbortController().signal);
    const { workspaceBytes, workspaceEntries, serverWritesFile } = this.#options.limits;
    const exceeded = this.#exceeded ?? this.#tooMuch(answer);
    const maxBytes = Math.max(workspaceBytes * grace, this.#usedAtStart ?? 0);
    // A count of too many entries stops early: then only the removal, which visits all of them, knows how much there
    // is.
    if (answer.usage.bytes <= maxBytes && !overflows(answer.usage, workspaceEntries))
      return { exceeded, removedFiles: 0 };
    const { files, names } = await this.#options.counter.trim({
      directories: this.#directories,
      from,
      until,
      maxBytes,
      maxEntries: workspaceEntries * grace,
      serverWritesFile,
    });
    return { exceeded: exceeded ?? (files > 0 ? "disk" : undefined), removedFiles: files, removedNames: names };
  }

  #failed(error: unknown): DiskEnd {
    process.stderr.write(`what a program keeps could not be counted at its end: ${String(error)}\n`);
    return { exceeded: this.#exceeded, removedFiles: 0 };
  }

  #later(ms: number): void {
    if (!this.#over.signal.aborted) this.#timer ??= setTimeout(() => void this.#count(), ms);
  }

  /** Counts at once when much room has gone since the last count, whoever used it. */
  async #alarm(): Promise<void> {
    const before = this.#freeAtCount;
    if (before === undefined) return;
    const now = await this.#askFree();
    if (now === undefined || !this.#hasLostMuch(before, now) || this.#counting || this.#over.signal.aborted) return;
    clearTimeout(this.#timer);
    await this.#count();
  }

  #hasLostMuch(before: FreeRoom, now: FreeRoom): boolean {
    const { workspaceBytes, workspaceEntries } = this.#options.limits;
    const lostInodes = (before.inodes ?? 0) - (now.inodes ?? 0);
    return before.bytes - now.bytes >= workspaceBytes * alarmShare || lostInodes >= workspaceEntries * alarmShare;
  }

  async #count(): Promise<void> {
    this.#timer = undefined;
    // It has waited since and written nothing: the next count comes when it works again.
    if (!this.#writes) return;
    this.#writes = false;
    this.#counting = true;
    const started = performance.now();
    const since = this.#lookedAt;
    this.#lookedAt = Date.now();
    try {
      const answer = await this.#ask(since, true, this.#over.signal);
      this.#freeAtCount = answer.free;
      this.#doubt(answer);
      const limit = this.#tooMuch(answer);
      if (limit) this.#end(limit);
      else if (this.#takesTheLast(answer)) this.#options.exceeded("room");
    } catch (error) {
      if (this.#over.signal.aborted) return;
      // What can't be counted is too much: otherwise a program that breaks the count could go on writing.
      process.stderr.write(`what a program keeps could not be counted: ${String(error)}\n`);
      this.#end("disk");
    } finally {
      this.#counting = false;
    }
    const took = performance.now() - started;
    this.#later(Math.min(maxPauseMs, Math.max(pauseMs, took * pauseShare)));
  }

  #end(limit: "disk" | "entries"): void {
    this.#exceeded ??= limit;
    if (!this.#over.signal.aborted) this.#options.exceeded(limit);
  }

  #ask(since: number, alive: boolean, signal: AbortSignal): Promise<MeasureAnswer> {
    const { counter, limits, monitor } = this.#options;
    const hidden = alive ? { monitor, fileBytes: limits.fileBytes } : undefined;
    return counter.measure(
      { usage: { directories: this.#directories, since, maxEntries: limits.workspaceEntries }, hidden },
      signal,
    );
  }

  /** What is free; undefined where the file system does not tell. */
  async #askFree(): Promise<FreeRoom | undefined> {
    return await this.#options.counter.free(this.#options.limits.workspaceDirectory).catch(() => undefined);
  }

  #doubt({ hidden }: MeasureAnswer): void {
    this.#doubts = hidden && (hidden.inFlight > 0 || hidden.unsure) ? this.#doubts + 1 : 0;
    if (this.#doubts > 0) this.#writes = true;
  }

  /** Whether it has written much since it began, and the server has less room than it needs for itself. */
  #takesTheLast({ usage, hidden, free }: MeasureAnswer): boolean {
    const { reserveBytes, reserveInodes } = this.#options.limits;
    if (!free) return false;
    const grown = usage.bytes + (hidden?.bytes ?? 0) - (this.#usedAtStart ?? usage.bytes);
    const added = usage.entries - (this.#entriesAtStart ?? usage.entries);
    return (
      (free.bytes < reserveBytes && grown > growthBytes) ||
      (free.inodes !== undefined && free.inodes < reserveInodes && added > growthEntries)
    );
  }

  #tooMuch(answer: MeasureAnswer): "disk" | "entries" | undefined {
    if (answer.hidden?.evaded) return "disk";
    if (this.#areTooMany(answer)) return answer.usage.evaded ? "disk" : "entries";
    return this.#isTooLarge(answer) ? "disk" : undefined;
  }

  #areTooMany({ usage }: MeasureAnswer): boolean {
    const { workspaceEntries } = this.#options.limits;
    this.#entriesAtStart ??= usage.entries - usage.newEntries;
    // Further names of an old file are no new files: they show only as growth.
    const before = this.#entriesAtCount ?? usage.entries;
    this.#entriesAtCount = usage.entries;
    return overflows(usage, workspaceEntries) || (usage.entries > workspaceEntries && usage.entries > before);
  }

  #isTooLarge(answer: MeasureAnswer): boolean {
    const { usage, hidden } = answer;
    const { workspaceBytes } = this.#options.limits;
    const before = (this.#usedAtStart ??= usage.bytes - usage.changedBytes);
    const held = usage.bytes + (hidden?.bytes ?? 0);
    const allowed =
      before <= workspaceBytes
        ? workspaceBytes
        : Math.max(before + minGrowthBytes, Math.min(before + growthBytes, workspaceBytes * grace));
    return held + this.#unnamed(answer, held - before) > allowed;
  }

  /**
   * Bytes that the jail is assumed to hold beside what can be counted: at most what it wrote, and what the file system
   * lost.
   */
  #unnamed({ hidden, free }: MeasureAnswer, shown: number): number {
    if (this.#doubts < 2 || this.#freeAtStart === undefined || free === undefined) return 0;
    const lost = this.#freeAtStart.bytes - free.bytes - Math.max(0, shown);
    const written = (hidden?.writtenBytes ?? Infinity) - Math.max(0, shown);
    return Math.max(0, Math.min(lost, written));
  }
}
