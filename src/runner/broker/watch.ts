/** Looks at a jail's processes from time to time and holds it to its limits. */
import type { JailLimits, LimitKind } from "../protocol.ts";
import type { Child } from "./child.ts";
import { sendSignal } from "./ending.ts";
import { sampleJail, type JailSample } from "./processes.ts";
import { RunClock } from "./run-clock.ts";
import { measureUsage, type Usage } from "./usage.ts";

export interface WatchEvents {
  limit(limit: LimitKind): void;
  /** Whether output waits because the person's side does not take it: that time is not the program's. */
  outputHeldBack(): boolean;
}

/**
 * How often a working program is looked at, and one that waits for its person: less and less often, since most of a class's
 * consoles wait for most of the hour (at once a second, 500 of them took a tenth of a core).
 */
const workingMs = 200;
const waitingMs = 1000;
const longWaitingMs = 4000;

const nudgeMs = 50;

/** Files grow fast, but walking a large workspace takes its time: at most a tenth of the time is spent on it. */
const firstUsageMs = 100;
const usageMs = 500;
const usageShare = 10;

/** A workspace that was over its limit before may be read and tidied up by a program, but not grow. */
const growthBytes = 1 << 20;

export class Watch implements Disposable {
  readonly #child: Child;
  readonly #limits: JailLimits;
  readonly #directories: readonly string[];
  readonly #events: WatchEvents;
  readonly #clock: RunClock;
  #sampling: NodeJS.Timeout | undefined;
  #measuring: NodeJS.Timeout | undefined;
  #nudging: NodeJS.Timeout | undefined;
  #usedAtStart: number | undefined;
  /** When files were last looked at, or the program began; on the clock of their times, which is why not the monotonic one. */
  #measuredAt = 0;
  #active = true;
  #inMeasure = false;
  #ended = false;
  /** CPU time at the last look, and at the last look before files were measured, seconds. */
  #cpuSeen = 0;
  #cpuMeasured = 0;
  /** Until the next look, while it goes on waiting. */
  #patience = waitingMs;

  constructor(child: Child, limits: JailLimits, furtherDirectories: readonly string[], events: WatchEvents) {
    this.#child = child;
    this.#limits = limits;
    this.#directories = [limits.workspaceDirectory, ...furtherDirectories];
    this.#events = events;
    this.#clock = new RunClock(limits.runSeconds);
  }

  /** The jail has been given something to do. */
  begin(): void {
    this.#clock.restart(performance.now(), this.#sample().cpuSeconds);
    this.#measuredAt = Date.now();
    this.#works();
    this.#next(workingMs);
  }

  /** The person pressed Enter. */
  enter(): void {
    if (!this.#clock.running) return;
    // A short line at the prompt has ended before anyone looks, but may have written.
    this.#works();
    const sample = this.#sample();
    if (sample.waiting) this.#clock.restart(performance.now(), sample.cpuSeconds);
    this.#next(workingMs);
  }

  signal(signal: string): void {
    for (const pid of this.#sample().pids) sendSignal(pid, signal);
    if (signal === "SIGINT") this.nudgeSoon();
  }

  /**
   * Python loses an interrupt that comes just before readline begins to wait: it is remembered, but nothing wakes the
   * wait. runner.py catches SIGURG, which everyone else ignores, so that this wakes it and does no harm otherwise.
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
    if (this.#measuring) clearTimeout(this.#measuring);
    if (this.#nudging) clearTimeout(this.#nudging);
  }

  #sample(): JailSample {
    return sampleJail(this.#child.pid, this.#child.input, this.#limits.residentBytes > 0);
  }

  #next(ms: number): void {
    if (this.#sampling) clearTimeout(this.#sampling);
    if (!this.#ended) this.#sampling = setTimeout(() => this.#look(), ms);
  }

  #look(): void {
    const sample = this.#sample();
    const waiting = sample.waiting || (sample.writing && this.#events.outputHeldBack());
    // Also what it did right before it began to wait is measured, and what it does between looks: short work is seldom seen, but takes time.
    if (!waiting || this.#patience <= 2 * waitingMs || sample.cpuSeconds > this.#cpuMeasured) this.#measureSoon();
    this.#cpuSeen = sample.cpuSeconds;
    if (!waiting) this.#patience = waitingMs;
    if (this.#limits.residentBytes > 0 && sample.residentBytes > this.#limits.residentBytes) {
      this.#end("memory");
      return;
    }
    switch (this.#clock.sample({ now: performance.now(), cpuSeconds: sample.cpuSeconds, waiting })) {
      case "interrupt":
        this.#events.limit("time");
        // Not a Ctrl-C through the terminal: a program can switch that off.
        for (const pid of sample.pids) sendSignal(pid, "SIGINT");
        this.nudgeSoon();
        break;
      case "end":
        this.#end("time");
        return;
      case "go-on":
        break;
    }
    this.#next(waiting ? this.#patience : workingMs);
    if (waiting) this.#patience = Math.min(2 * this.#patience, longWaitingMs);
  }

  /** It does something, and may write. */
  #works(): void {
    this.#patience = waitingMs;
    this.#measureSoon();
  }

  #measureSoon(): void {
    this.#active = true;
    if (!this.#inMeasure) this.#measureLater(firstUsageMs);
  }

  #measure(): void {
    this.#measuring = undefined;
    // It has waited since, and written nothing: what happens from now on is measured when it works again.
    if (!this.#active) return;
    const started = performance.now();
    this.#active = false;
    this.#inMeasure = true;
    this.#cpuMeasured = this.#cpuSeen;
    const since = this.#measuredAt;
    this.#measuredAt = Date.now();
    void measureUsage(this.#directories, since, (found) => this.#ended || this.#overflows(found)).then((found) => {
      this.#inMeasure = false;
      if (this.#overflows(found) || this.#fills(found)) this.#end("disk");
      this.#measureLater(Math.max(usageMs, (performance.now() - started) * usageShare));
    });
  }

  #measureLater(ms: number): void {
    if (!this.#ended) this.#measuring ??= setTimeout(() => this.#measure(), ms);
  }

  /** Whether a program adds to what is too much to keep or can't be counted, or keeps things from being counted. */
  #overflows(found: Usage): boolean {
    const full = found.unread || found.entries > this.#limits.workspaceEntries;
    return found.evaded || (full && found.newEntries > 0);
  }

  #fills({ bytes, newBytes }: Usage): boolean {
    const before = (this.#usedAtStart ??= bytes - newBytes);
    return bytes > this.#limits.workspaceBytes && (before <= this.#limits.workspaceBytes || bytes > before + growthBytes);
  }

  #end(limit: LimitKind): void {
    if (this.#ended) return;
    this.#events.limit(limit);
    this.#child.kill();
  }
}
