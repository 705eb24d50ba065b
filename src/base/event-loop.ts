/** How late timers fire: the time that everybody's keys wait while something else is being computed. */
import { monitorEventLoopDelay } from "node:perf_hooks";
import type { Clock } from "./clock.ts";
import { disposable } from "./scope.ts";

/** Percentiles of the delay, seconds. */
export interface Delays {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** Milliseconds between two samples: fine enough for people's keys, and 50 timers a second cost next to nothing. */
const resolutionMs = 20;
const windowMs = 60_000;

/** The delay of this thread's event loop over the last one to two minutes, measured until disposed. */
export class EventLoopDelay implements Disposable {
  readonly #histogram = monitorEventLoopDelay({ resolution: resolutionMs });
  readonly #stop: Disposable;
  #before: Delays = { p50: 0, p99: 0, max: 0 };

  constructor(clock: Clock) {
    this.#histogram.enable();
    const timer = clock.every(windowMs, () => {
      this.#before = this.#window();
      this.#histogram.reset();
    });
    this.#stop = disposable(() => {
      timer[Symbol.dispose]();
      this.#histogram.disable();
    });
  }

  get delays(): Delays {
    const now = this.#window();
    const worse = (name: keyof Delays): number => Math.max(now[name], this.#before[name]);
    return { p50: worse("p50"), p99: worse("p99"), max: worse("max") };
  }

  [Symbol.dispose](): void {
    this.#stop[Symbol.dispose]();
  }

  #window(): Delays {
    const histogram = this.#histogram;
    if (histogram.count === 0) return { p50: 0, p99: 0, max: 0 };
    return { p50: late(histogram.percentile(50)), p99: late(histogram.percentile(99)), max: late(histogram.max) };
  }
}

/** Seconds of delay in a sample; what is recorded, in nanoseconds, is the time between two of them. */
function late(nanoseconds: number): number {
  return Math.max(0, Math.round(nanoseconds / 1e3 - resolutionMs * 1e3) / 1e6);
}
