/** Time that stands still until a test moves it. */
import type { Clock } from "../../src/base/clock.ts";
import { disposable } from "../../src/base/scope.ts";

interface Timer {
  due: number;
  readonly every: number | undefined;
  readonly callback: () => void;
}

export class FakeClock implements Clock {
  #now = 0;
  readonly #timers = new Set<Timer>();

  /** Timers that wait: a test that disposed everything expects 0. */
  get timers(): number {
    return this.#timers.size;
  }

  now(): number {
    return Date.UTC(2026, 0, 1) + this.#now;
  }

  monotonic(): number {
    return this.#now;
  }

  after(ms: number, callback: () => void): Disposable {
    return this.#add({ due: this.#now + ms, every: undefined, callback });
  }

  every(ms: number, callback: () => void): Disposable {
    return this.#add({ due: this.#now + ms, every: ms, callback });
  }

  /** Moves time on; timers run in the order in which they are due. */
  advance(ms: number): void {
    const end = this.#now + ms;
    for (let timer = this.#next(end); timer; timer = this.#next(end)) {
      this.#now = timer.due;
      if (timer.every === undefined) this.#timers.delete(timer);
      else timer.due += timer.every;
      timer.callback();
    }
    this.#now = end;
  }

  #next(end: number): Timer | undefined {
    const due = [...this.#timers].filter((timer) => timer.due <= end);
    return due.toSorted((a, b) => a.due - b.due)[0];
  }

  #add(timer: Timer): Disposable {
    this.#timers.add(timer);
    return disposable(() => this.#timers.delete(timer));
  }
}
