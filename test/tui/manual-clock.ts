import type { Clock } from "../../src/base/clock.ts";

interface Timer {
  readonly time: number;
  readonly callback: () => void;
}

/** A clock that stands still until a test moves it. */
export class ManualClock implements Clock {
  #time = 0;
  #timers = new Set<Timer>();

  now(): number {
    return this.#time;
  }

  monotonic(): number {
    return this.#time;
  }

  after(ms: number, callback: () => void): Disposable {
    const timer: Timer = { time: this.#time + ms, callback };
    this.#timers.add(timer);
    return { [Symbol.dispose]: () => this.#timers.delete(timer) };
  }

  every(): Disposable {
    throw new Error("nothing here repeats");
  }

  /** Timers that wait. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Lets time pass, running what falls due in order. */
  advance(ms: number): void {
    const end = this.#time + ms;
    for (;;) {
      const due = [...this.#timers].filter((timer) => timer.time <= end).sort((a, b) => a.time - b.time)[0];
      if (!due) break;
      this.#timers.delete(due);
      this.#time = Math.max(this.#time, due.time);
      due.callback();
    }
    this.#time = end;
  }
}
