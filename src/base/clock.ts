import { disposable } from "./scope.ts";

/** Time as a dependency, so that tests can hold it still. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /** Milliseconds on a clock that never jumps. */
  monotonic(): number;
  /** Processor time of this process, all threads together, in milliseconds; absent where it is not known. */
  cpu?(): number;
  /** A call of `callback` after `ms`; disposing cancels it. Does not keep the process alive. */
  after(ms: number, callback: () => void): Disposable;
  /**
   * A call of `callback` every `ms`, counted from now even if one comes late; disposing stops it. Does not keep the
   * process alive.
   */
  every(ms: number, callback: () => void): Disposable;
}

/** The clock of the machine. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  cpu: () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  },
  after(ms, callback) {
    const timer = setTimeout(callback, ms);
    timer.unref();
    return disposable(() => clearTimeout(timer));
  },
  // setInterval counts from when it last ran: once delayed together (280 of 500 after a stall of 0.4 s), the timers of
  // many sessions run together for ever and cause the next stall.
  every(ms, callback) {
    const began = performance.now();
    let timer: NodeJS.Timeout;
    const next = (): void => {
      timer = setTimeout(run, untilNext(performance.now() - began, ms));
      timer.unref();
    };
    const run = (): void => {
      next(); // before the callback, which may dispose
      callback();
    };
    next();
    return disposable(() => clearTimeout(timer));
  },
};

/**
 * A stopwatch for work on this thread: the returned function gives the milliseconds since this call. On a busy machine
 * a thread is interrupted in the middle of its work, so no more is counted than the processor time that the process
 * had.
 */
export function startWork(clock: Clock): () => number {
  const wall = clock.monotonic();
  const before = cpuLately(clock, wall);
  return () => {
    const now = clock.monotonic();
    const took = now - wall;
    return took < shortMs ? took : Math.min(took, cpuAfter(clock, now) - before);
  };
}

/**
 * Work shorter than this counts by the wall clock, and what a clock's `cpu` answered is used for this long;
 * milliseconds. Asking costs 3 us or more, a packet takes less, and asking twice for each packet was a tenth of all
 * that a worker did under attack.
 */
const shortMs = 1;

/** The last answer of a clock's `cpu`, and when. */
const lastCpu = new WeakMap<Clock, { at: number; cpu: number }>();

/** The processor time now or at most `shortMs` ago: what is measured from there is too large by that at most. */
function cpuLately(clock: Clock, now: number): number {
  const last = lastCpu.get(clock);
  return last !== undefined && now - last.at < shortMs ? last.cpu : cpuAfter(clock, now);
}

/** The processor time now, or the wall clock where it is not known. */
function cpuAfter(clock: Clock, now: number): number {
  const cpu = clock.cpu?.() ?? now;
  lastCpu.set(clock, { at: now, cpu });
  return cpu;
}

/**
 * How much too early a timer may fire, milliseconds: Node.js counts whole milliseconds, from the beginning of the turn.
 */
const earlyMs = 2;

/** Milliseconds until the next multiple of `ms`, when `elapsed` have passed since the beginning. */
export function untilNext(elapsed: number, ms: number): number {
  const due = (Math.floor((elapsed + Math.min(earlyMs, ms / 2)) / ms) + 1) * ms;
  return due - elapsed;
}
