import { disposable } from "./scope.ts";

/** Time as a dependency, so that tests can hold it still. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /** Milliseconds on a clock that never jumps. */
  monotonic(): number;
  /** Runs `callback` once after `ms`; disposing cancels. Does not keep the process alive. */
  after(ms: number, callback: () => void): Disposable;
  /** Runs `callback` every `ms`, counted from now also after a late one; disposing stops. Does not keep the process alive. */
  every(ms: number, callback: () => void): Disposable;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
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

/** A timer may come this much too early: Node.js counts whole milliseconds, and from the beginning of the turn. */
const early = 2;

/** Milliseconds until the next multiple of `ms`, `elapsed` after the beginning. */
export function untilNext(elapsed: number, ms: number): number {
  const due = (Math.floor((elapsed + Math.min(early, ms / 2)) / ms) + 1) * ms;
  return due - elapsed;
}
