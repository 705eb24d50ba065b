/**
 * Theory of operation: work that follows changes which others make without end (a folder on the disk) may be requested
 * as often as they like, and is done at a bounded rate: soon after the first request, then after a rest of at least ten
 * times its own duration, which grows while requests keep coming. Requests meanwhile are merged into one, so nothing
 * queues and the last change is always seen.
 */
import type { Clock } from "./clock.ts";

/** Milliseconds of rest for each millisecond of work. */
const rests = 10;
/** Requests in a row before the rest grows: a person saves a few times, a program keeps going. */
const patience = 3;
/** The longest rest, however long the work took: a machine that stood still is no reason to be blind for minutes. */
const maxRestMs = 30_000;

/** What is done, and at which pace. */
export interface PacedWorkOptions {
  readonly work: () => Promise<void>;
  /** Called with an error of the work; the pace goes on. */
  readonly failed: (error: unknown) => void;
  /** Milliseconds from the first request to the work; requests in between are merged. */
  readonly gatherMs: number;
  /** The least milliseconds from one end to the next beginning; asked at each end. */
  readonly restMs: () => number;
  /** Milliseconds to which the rest grows while requests keep coming. */
  readonly stormRestMs: number;
  readonly clock: Clock;
}

/** Work done at a bounded rate. */
export class PacedWork implements Disposable {
  readonly #options: PacedWorkOptions;
  #asked = false;
  #working = false;
  #timer: Disposable | undefined;
  /** On the monotonic clock. */
  #restsUntil = Number.NEGATIVE_INFINITY;
  /** Requests in a row that came before the rest was over. */
  #storm = 0;
  #disposed = false;

  constructor(options: PacedWorkOptions) {
    this.#options = options;
  }

  /** Requests the work: it is done once for all requests before it begins. */
  ask(): void {
    this.#asked = true;
    this.#schedule();
  }

  /** Requests the work without the rest, for a person who waits. */
  hurry(): void {
    this.#asked = true;
    this.#restsUntil = Number.NEGATIVE_INFINITY;
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    this.#schedule(0);
  }

  #schedule(gatherMs = this.#options.gatherMs): void {
    if (this.#disposed || this.#working || this.#timer) return;
    const { clock } = this.#options;
    const left = this.#restsUntil - clock.monotonic();
    this.#storm = left > 0 ? this.#storm + 1 : 0;
    this.#timer = clock.after(Math.max(gatherMs, left), () => {
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
    const { restMs, stormRestMs } = this.#options;
    const shortest = restMs();
    const grown = Math.min(
      Math.max(stormRestMs, shortest),
      shortest * 2 ** Math.min(Math.max(0, this.#storm - patience), 16),
    );
    return Math.max(grown, Math.min(maxRestMs, took * rests));
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
  }
}
