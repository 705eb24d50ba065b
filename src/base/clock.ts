import { disposable } from "./scope.ts";

/** Time as a dependency, so that tests can hold it still. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /** Milliseconds on a clock that never jumps. */
  monotonic(): number;
  /** Milliseconds of the processor that this process has used, all its threads together; without it nobody knows. */
  cpu?(): number;
  /** Runs `callback` once after `ms`; disposing cancels. Does not keep the process alive. */
  after(ms: number, callback: () => void): Disposable;
  /** Runs `callback` every `ms`, counted from now also after a late one; disposing stops. Does not keep the process alive. */
  every(ms: number, callback: () => void): Disposable;
}

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
  // setInterval counts from when it ran last: once late together (280 of 500 after a stall of 0.4 s), timers of many sessions run
  // together for ever, and make the next stall.
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
 * Begins to measure work of this thread; what is returned tells how long it took so far. On a machine with other work a thread stands still in
 * the midst of its own: that is nobody's doing, so no more is counted than what the process had of the processor.
 */
export function startWork(clock: Clock): () => number {
  const wall = clock.monotonic();
  const before = cpuLately(clock, wall);
  return () => {
    const now = clock.monotonic();
    const took = now - wall;
    return took < short ? took : Math.min(took, cpuAfter(clock, now) - before);
  };
}

/**
 * Work this short counts by the wall clock, and what a clock's `cpu` said is used for so long, milliseconds: to ask costs 3 us and more, a packet
 * takes less, and asking twice for each was a tenth of all that a worker did under attack.
 */
const short = 1;

/** What a clock's `cpu` said last, and when. */
const lastCpu = new WeakMap<Clock, { at: number; cpu: number }>();

/** The processor time now or at most `short` ago: what is measured from then on is that much too large at most. */
function cpuLately(clock: Clock, now: number): number {
  const last = lastCpu.get(clock);
  return last !== undefined && now - last.at < short ? last.cpu : cpuAfter(clock, now);
}

/** The processor time now; where nobody knows it the wall clock stands for it. */
function cpuAfter(clock: Clock, now: number): number {
  const cpu = clock.cpu?.() ?? now;
  lastCpu.set(clock, { at: now, cpu });
  return cpu;
}

/** A timer may come this much too early: Node.js counts whole milliseconds, and from the beginning of the turn. */
const early = 2;

/** Milliseconds until the next multiple of `ms`, `elapsed` after the beginning. */
export function untilNext(elapsed: number, ms: number): number {
  const due = (Math.floor((elapsed + Math.min(early, ms / 2)) / ms) + 1) * ms;
  return due - elapsed;
}
