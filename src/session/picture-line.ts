/**
 * The line of pictures that wait to be read, of all sessions of a process. Each person has one read at a time, and whoever has taken least of
 * the readers' time comes first: files that take long hold up whoever looks at them, and others for one turn at most.
 */
import { performance } from "node:perf_hooks";
import { UserError } from "../base/errors.ts";

/** Most of a person's that wait: one of each screen, of as many as anybody has. */
const maxWaiting = 4;
/** People whose time is remembered. */
const maxPeople = 500;

interface Waiting {
  readonly who: string;
  readonly begin: () => void;
}

/** A line for so many readers. */
export class PictureLine {
  readonly #readers: number;
  readonly #now: () => number;
  readonly #reading = new Set<string>();
  /** Milliseconds that people have taken, those last who came last. */
  readonly #taken = new Map<string, number>();
  #waiting: readonly Waiting[] = [];

  constructor(readers: number, now = () => performance.now()) {
    this.#readers = readers;
    this.#now = now;
  }

  /** Does `read` when it is this person's turn. Rejects with the signal's reason when that comes first, and with what `read` throws. */
  async read<T>(who: string, signal: AbortSignal, read: () => Promise<T>): Promise<T> {
    await this.#turn(who, signal);
    const since = this.#now();
    try {
      return await read();
    } finally {
      this.#reading.delete(who);
      this.#note(who, this.#now() - since);
      this.#next();
    }
  }

  async #turn(who: string, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#waiting.filter((each) => each.who === who).length >= maxWaiting)
      throw new UserError("too-many-operations", "other pictures of yours are being read", "Try it again in a moment.");
    await new Promise<void>((resolve, reject) => {
      const leave = (): void => {
        this.#waiting = this.#waiting.filter((each) => each !== waiting);
        reject(signal.reason as Error);
      };
      const waiting: Waiting = {
        who,
        begin: () => {
          signal.removeEventListener("abort", leave);
          this.#reading.add(who);
          resolve();
        },
      };
      signal.addEventListener("abort", leave, { once: true });
      this.#waiting = [...this.#waiting, waiting];
      this.#next();
    });
  }

  #next(): void {
    while (this.#reading.size < this.#readers) {
      const [next] = this.#waiting
        .filter(({ who }) => !this.#reading.has(who))
        .toSorted((one, other) => this.#takenBy(one.who) - this.#takenBy(other.who));
      if (!next) return;
      this.#waiting = this.#waiting.filter((each) => each !== next);
      next.begin();
    }
  }

  #takenBy(who: string): number {
    return this.#taken.get(who) ?? 0;
  }

  #note(who: string, ms: number): void {
    const taken = this.#takenBy(who) + ms;
    this.#taken.delete(who);
    this.#taken.set(who, taken);
    const [oldest] = this.#taken.keys();
    if (this.#taken.size > maxPeople && oldest !== undefined) this.#taken.delete(oldest);
  }
}
