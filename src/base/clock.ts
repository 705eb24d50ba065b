import { disposable } from "./scope.ts";

/** Time as a dependency, so that tests can hold it still. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /** Milliseconds on a clock that never jumps. */
  monotonic(): number;
  /** Runs `callback` once after `ms`; disposing cancels. Does not keep the process alive. */
  after(ms: number, callback: () => void): Disposable;
  /** Runs `callback` every `ms`; disposing stops. Does not keep the process alive. */
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
  every(ms, callback) {
    const timer = setInterval(callback, ms);
    timer.unref();
    return disposable(() => clearInterval(timer));
  },
};
