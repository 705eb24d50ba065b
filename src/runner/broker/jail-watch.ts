/** Checks a jail's processes from time to time, and enforces its limits. */
import type { JailLimits, LimitKind } from "../protocol.ts";
import type { Child } from "./child.ts";
import type { DiskCounter } from "./counter.ts";
import { DiskWatch, type DiskEnd } from "./disk-watch.ts";
import { sendSignal } from "./ending.ts";
import { MemoryWatch } from "./memory-watch.ts";
import { ownBytesOf, runtimesOf, sampleJail, type JailSample } from "./processes.ts";
import { RunClock } from "./run-clock.ts";
import { socketBytesOf } from "./sockets.ts";
import type { JailShare, Together } from "./together.ts";

/** What the watch reports and asks. */
export interface JailWatchEvents {
  limit(limit: LimitKind): void;
  /** For whom output waits, if it does: that time does not count as the program's. */
  outputWaitsFor(): "person" | "rate" | undefined;
  /** Asks what waits for the person to end. */
  ask(): void;
}

/**
 * Time between two checks of a working program; for one that waits for its person it grows, since most of a class's
 * consoles wait most of the hour (once a second, 500 of them used a tenth of a core).
 */
const workingMs = 200;
const waitingMs = 1000;
const longWaitingMs = 4000;

const nudgeMs = 50;

/** Least time between two looks because of what was sent to it: nobody presses Enter faster. */
const enterMs = 20;

/** What a watch works with. */
export interface JailWatchOptions {
  readonly counter: DiskCounter;
  readonly together: Together;
  /** Directories that the jail may write beside its workspace. */
  readonly furtherDirectories: readonly string[];
  /** Bytes of memory that the jail uses, where a control group counts them. */
  readonly usedBytes: () => number | undefined;
  readonly events: JailWatchEvents;
}

/** The watch over one jail. */
export class JailWatch implements Disposable {
  readonly #child: Child;
  readonly #limits: JailLimits;
  readonly #events: JailWatchEvents;
  readonly #clock: RunClock;
  readonly #disk: DiskWatch;
  readonly #memory: MemoryWatch;
  readonly #together: Together;
  /** Its part of the sums of its person, once it has something to do. */
  #member: JailShare | undefined;
  #sampling: NodeJS.Timeout | undefined;
  #nudging: NodeJS.Timeout | undefined;
  #ended = false;
  /** CPU time before there was anything to do, seconds. */
  #cpuBefore = 0;
  /** CPU time at the last sign of writing, seconds. */
  #cpuMeasured = 0;
  #printedBytes = 0;
  #enteredAt = -Infinity;
  /** Milliseconds until the next check while it goes on waiting. */
  #patience = waitingMs;
  /** After a check that found it waiting: its threads, and how long they had run. */
  #found: { readonly threads: readonly string[]; readonly ran: string | undefined } | undefined;
  /** Whether none of them ran between that check and the one before, so that there can't be more. */
  #still = false;

  constructor(child: Child, limits: JailLimits, options: JailWatchOptions) {
    this.#child = child;
    this.#limits = limits;
    this.#events = options.events;
    this.#clock = new RunClock(limits);
    this.#together = options.together;
    const { counter, furtherDirectories } = options;
    this.#disk = new DiskWatch({
      counter,
      limits,
      furtherDirectories,
      monitor: child.pid,
      exceeded: (limit) => this.#end(limit),
    });
    const counted = limits.residentBytes === 0;
    const used = counted ? options.usedBytes : () => this.#residentBytes(this.#sample(), limits.memoryBytes);
    this.#memory = new MemoryWatch({
      limitBytes: limits.memoryBytes,
      used: () => {
        const bytes = used();
        if (bytes !== undefined) this.#member?.uses(bytes);
        return bytes;
      },
      pids: () => this.#sample().pids,
      exceeded: () => {
        if (!counted) this.#look();
      },
    });
  }

  /** Notes what time the jail has taken so far. */
  prepare(): void {
    this.#cpuBefore = this.#sample().cpuSeconds;
  }

  /** Starts the run clock: the jail has been given something to do, and has waited for that since `prepare`. */
  begin(): void {
    this.#restartClock(this.#cpuBefore);
    const { together } = this.#limits;
    this.#member ??= together && this.#together.join(together, (how) => this.#makeRoom(how));
    this.#disk.begin();
    this.#works();
    this.#next(workingMs);
  }

  /** Notes that the person pressed Enter. Of a file that is sent, every piece looks like that: so it looks only now and then. */
  enter(): void {
    const now = performance.now();
    if (!this.#clock.running || now - this.#enteredAt < enterMs) return;
    this.#enteredAt = now;
    this.#member?.touch();
    // A short line at the prompt has ended before anyone checks, but may have written.
    this.#works();
    const sample = this.#sample();
    if (sample.waiting) this.#restartClock(sample.cpuSeconds);
    this.#next(workingMs);
  }

  /** Counts bytes of output. */
  printed(bytes: number): void {
    this.#printedBytes += bytes;
  }

  signal(signal: string): void {
    for (const pid of this.#sample().pids) sendSignal(pid, signal);
    if (signal === "SIGINT") this.nudgeSoon();
  }

  /**
   * Wakes Python soon. It loses an interrupt that comes just before readline begins to wait: the interrupt is
   * remembered, but nothing ends the wait. runner.py catches SIGURG, which everyone else ignores, so that this ends the
   * wait and does no harm otherwise.
   */
  nudgeSoon(): void {
    if (this.#nudging || this.#ended) return;
    this.#nudging = setTimeout(() => {
      this.#nudging = undefined;
      this.signal("SIGURG");
    }, nudgeMs);
  }

  [Symbol.dispose](): void {
    this.#ended = true;
    if (this.#sampling) clearTimeout(this.#sampling);
    if (this.#nudging) clearTimeout(this.#nudging);
    this.#member?.[Symbol.dispose]();
    this.#disk[Symbol.dispose]();
    this.#memory[Symbol.dispose]();
  }

  /** The last count of what a program keeps, after everything in its jail has ended. */
  async finish(): Promise<DiskEnd> {
    return await this.#disk.finish();
  }

  #sample(): JailSample {
    return sampleJail(this.#child.pid, this.#child.input, this.#limits.residentBytes > 0);
  }

  #next(ms: number): void {
    if (this.#sampling) clearTimeout(this.#sampling);
    if (!this.#ended) this.#sampling = setTimeout(() => this.#check(), ms);
  }

  #restartClock(cpuSeconds: number): void {
    this.#clock.restart({ now: performance.now(), cpuSeconds, printedBytes: this.#printedBytes });
  }

  #check(): void {
    // Once it has ended only its output is still on its way.
    if (!this.#child.alive) return;
    if (this.#isStill()) this.#next(this.#patience);
    else this.#look();
  }

  #look(): void {
    const sample = this.#sample();
    const outputWaitsFor = sample.writing ? this.#events.outputWaitsFor() : undefined;
    const waiting = sample.waiting || outputWaitsFor === "person";
    this.#note(waiting ? sample.threads : []);
    this.#member?.has(sample.pids.length, sample.threads.length, waiting);
    // Also counts what it did right before it began to wait, and between checks: short work is seldom seen, but takes
    // time.
    const worked = sample.cpuSeconds > this.#cpuMeasured;
    if (!waiting || this.#patience <= 2 * waitingMs || worked) {
      this.#cpuMeasured = sample.cpuSeconds;
      this.#disk.mayWrite();
      this.#memory.works();
    }
    if (!waiting) this.#patience = waitingMs;
    const excess = this.#excess(sample);
    if (excess) {
      this.#end(excess);
      return;
    }
    const { cpuSeconds } = sample;
    const heldBack = outputWaitsFor === "rate";
    const moment = { now: performance.now(), cpuSeconds, printedBytes: this.#printedBytes, waiting, heldBack };
    const decision = this.#clock.sample(moment);
    if (decision === "end") {
      this.#end(this.#clock.reached);
      return;
    }
    if (decision === "interrupt") this.#interrupt(sample.pids);
    // Children may work for a moment at a time while their parent waits for the person: a jail that used time is
    // checked soon.
    this.#next(waiting && !worked ? this.#patience : workingMs);
    if (waiting) this.#patience = Math.min(2 * this.#patience, longWaitingMs);
  }

  /**
   * Whether nothing in the jail has run since it was found waiting: then everything is as it was. To ask that takes a fraction of a look at
   * all of it, and most of a class's consoles wait most of the hour.
   */
  #isStill(): boolean {
    return this.#still && this.#found?.ran !== undefined && runtimesOf(this.#found.threads) === this.#found.ran;
  }

  #note(threads: readonly string[]): void {
    const ran = threads.length > 0 ? runtimesOf(threads) : undefined;
    this.#still = ran !== undefined && ran === this.#found?.ran;
    this.#found = { threads, ran };
  }

  #interrupt(pids: readonly number[]): void {
    this.#events.limit(this.#clock.reached);
    // Not a Ctrl-C through the terminal: a program can switch that off.
    for (const pid of pids) sendSignal(pid, "SIGINT");
    this.nudgeSoon();
  }

  #excess(sample: JailSample): LimitKind | undefined {
    // Of threads and processes together the kernel allows no more than a program may have threads.
    if (sample.pids.length > this.#limits.processes) return "processes";
    return this.#tooLarge(sample) ? "memory" : undefined;
  }

  /**
   * Whether it uses too much memory that no control group counts: the queues of sockets, and without a group
   * everything.
   */
  #tooLarge(sample: JailSample): boolean {
    const { residentBytes: maxResident, socketBytes: maxInSockets } = this.#limits;
    const inSockets = socketBytesOf(sample.pids, maxResident > 0);
    const resident = maxResident > 0 ? this.#residentBytes(sample, maxResident - inSockets) : 0;
    return inSockets > maxInSockets || (maxResident > 0 && resident + inSockets > maxResident);
  }

  /** Memory of all processes. Where it seems to be more than `limit`, what they share is counted once, which takes longer. */
  #residentBytes({ pids, residentBytes }: JailSample, limit: number): number {
    return residentBytes > limit ? pids.reduce((sum, pid) => sum + ownBytesOf(pid), 0) : residentBytes;
  }

  /** Notes that the program works, and may write. */
  #works(): void {
    this.#patience = waitingMs;
    this.#disk.mayWrite();
    this.#memory.works();
  }

  #makeRoom(how: "ask" | "kill"): void {
    if (how === "kill") return this.#end("together");
    if (this.#ended) return;
    this.#events.limit("together");
    this.#events.ask();
  }

  #end(limit: LimitKind): void {
    if (this.#ended) return;
    this.#events.limit(limit);
    this.#child.kill();
  }
}
