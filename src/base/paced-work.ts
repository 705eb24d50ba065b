/**
 * Theory of operation: work that answers to what others do without end (a folder that changes) is asked for as often as they like and done at
 * a bounded rate: soon after the first time, then after a rest that is at least ten times as long as the work took and grows while it is asked
 * for without a pause. However often it is asked for meanwhile, it is done once more, so nothing queues, and the last change is always seen.
 */
import type { Clock } from "./clock.ts";

/** Rest for each millisecond of work. */
const rests = 10;
/** So often in a row it is asked for again before the rest grows: a person saves a few times, a program goes on. */
const patience = 3;
/** Nobody waits longer, in milliseconds, however long the work took: a machine that stood still is no reason to be blind for minutes. */
const maxRest = 30_000;

export interface PacedWorkOptions {
  readonly work: () => Promise<void>;
  /** Hears of an error of the work; the pace goes on. */
  readonly failed: (error: unknown) => void;
  /** Milliseconds from the first time it is asked for to the work, which gathers what comes together. */
  readonly gather: number;
  /** Milliseconds from one end to the next beginning, at least. Asked at each end. */
  readonly rest: () => number;
  /** What the rest grows to under a storm. */
  readonly stormRest: number;
  readonly clock: Clock;
}

export class PacedWork implements Disposable {
  readonly #options: PacedWorkOptions;
  #asked = false;
  #working = false;
  #timer: Disposable | undefined;
  /** On the monotonic clock. */
  #restsUntil = Number.NEGATIVE_INFINITY;
  /** Times that it was asked for again before the rest was over. */
  #storm = 0;
  #disposed = false;

  constructor(options: PacedWorkOptions) {
    this.#options = options;
  }

  /** Has the work done, once for all who ask until it begins. */
  ask(): void {
    this.#asked = true;
    this.#schedule();
  }

  /** Has the work done without waiting for the rest: a person waits for it. */
  hurry(): void {
    this.#asked = true;
    this.#restsUntil = Number.NEGATIVE_INFINITY;
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    this.#schedule(0);
  }

  #schedule(gather = this.#options.gather): void {
    if (this.#disposed || this.#working || this.#timer) return;
    const { clock } = this.#options;
    const left = this.#restsUntil - clock.monotonic();
    this.#storm = left > 0 ? this.#storm + 1 : 0;
    this.#timer = clock.after(Math.max(gather, left), () => {
      this.#timer = undefined;
      void this.#work();
    });
  }

  async #work(): Promise<void> {
    const { work, failed, clock } = this.#options;
    this.#asked = false;
    this.#working = true;
    const began = clock.monotonic();
    try {
      await work();
    } catch (error) {
      failed(error);
    }
    this.#working = false;
    const ended = clock.monotonic();
    this.#restsUntil = ended + this.#rest(ended - began);
    if (this.#asked) this.#schedule();
  }

  #rest(took: number): number {
    const { rest, stormRest } = this.#options;
    const shortest = rest();
    const grown = Math.min(
      Math.max(stormRest, shortest),
      shortest * 2 ** Math.min(Math.max(0, this.#storm - patience), 16),
    );
    return Math.max(grown, Math.min(maxRest, took * rests));
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
  }
}
