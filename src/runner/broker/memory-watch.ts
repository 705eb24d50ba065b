/**
 * Theory of operation: libraries reserve far more memory than they use (a matrix product of OpenBLAS 128 MiB, of which it touches one), so
 * RLIMIT_DATA is wide, and what bounds a jail is what it really uses: its control group, or where there is none the watch. Both can only
 * kill, and a killed Python has lost its variables. So when a jail uses what it may, each of its processes has the limit of data lowered to what it has:
 * its next request fails as on a machine that has no more memory, and Python raises MemoryError. Between the two there is room
 * (cgroups.ts); a program that takes it between two checks is killed all the same. The nearer the limit, the sooner the next check.
 */
import { execFile } from "node:child_process";
import { dataOf } from "./processes.ts";

/** What is watched. */
export interface MemoryWatchOptions {
  /** Bytes beyond which the jail gets no more. */
  readonly limitBytes: number;
  /** Bytes that the jail uses; undefined when it is gone. */
  readonly used: () => number | undefined;
  /** Its processes. */
  readonly pids: () => readonly number[];
  /** Called at each check that finds more than the limit. */
  readonly exceeded: () => void;
}

/** The fastest programs take a MiB in a millisecond. */
const bytesPerMs = 1 << 20;
const minMs = 10;
const maxMs = 200;

/** How long checks go on after the last sign of work. */
const workMs = 500;

/** Part of the limit below which there is memory to be had again. */
const relaxShare = 0.75;

/** Each change of a process's limit takes a program of the system: so many at a time, and so rarely. */
const maxChanged = 16;
const pauseMs = 250;

/** Bytes that a process may have left without its limit being lowered again. */
const slackBytes = 1 << 20;

/** What memory_reserve.py keeps for itself; it has the same number. */
const reserveBytes = 4 << 20;

/** The watch over the memory of one jail. */
export class MemoryWatch implements Disposable {
  readonly #options: MemoryWatchOptions;
  #timer: NodeJS.Timeout | undefined;
  #worksUntil = 0;
  #lowered = false;
  #mayChangeAt = 0;
  #ended = false;

  constructor(options: MemoryWatchOptions) {
    this.#options = options;
  }

  /** Notes that the program works. */
  works(): void {
    this.#worksUntil = performance.now() + workMs;
    this.#next(minMs);
  }

  [Symbol.dispose](): void {
    this.#ended = true;
    clearTimeout(this.#timer);
  }

  #next(ms: number): void {
    if (!this.#ended) this.#timer ??= setTimeout(() => this.#check(), ms);
  }

  #check(): void {
    this.#timer = undefined;
    const { limitBytes, used, exceeded } = this.#options;
    const bytes = used();
    if (bytes === undefined) return;
    if (bytes > limitBytes) {
      this.#lower();
      exceeded();
    } else if (bytes < limitBytes * relaxShare) this.#raise();
    const left = Math.abs(limitBytes - bytes) / bytesPerMs;
    if (performance.now() < this.#worksUntil) this.#next(Math.min(maxMs, Math.max(minMs, left)));
  }

  /** Lets no process have more data than it has. */
  #lower(): void {
    if (performance.now() < this.#mayChangeAt) return;
    this.#mayChangeAt = performance.now() + pauseMs;
    this.#lowered = true;
    for (const pid of this.#options.pids().slice(0, maxChanged)) {
      const data = dataOf(pid);
      if (data && data.soft > data.used + slackBytes) setSoftLimit(pid, data.used);
    }
  }

  #raise(): void {
    if (!this.#lowered || performance.now() < this.#mayChangeAt) return;
    this.#lowered = false;
    for (const pid of this.#options.pids().slice(0, maxChanged)) {
      const data = dataOf(pid);
      if (data && data.soft < data.hard - reserveBytes) setSoftLimit(pid, data.hard - reserveBytes);
    }
  }
}

function setSoftLimit(pid: number, bytes: number): void {
  execFile("/usr/bin/prlimit", ["--pid", String(pid), `--data=${bytes}:`], { timeout: 5000 }, () => {
    // Where it failed the limit is as it was, and the program is killed where it would have got an error.
  });
}
