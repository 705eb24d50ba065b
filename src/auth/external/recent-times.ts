import { randomInt } from "node:crypto";

/** Durations remembered. */
const kept = 64;

/**
 * How long the login program took for its last refusals. A refused login of an account that it knows nothing of takes
 * as long as one of them, so that time does not tell whose passwords are kept here.
 */
export class RecentTimes {
  readonly #times: number[] = [];
  #next = 0;

  /** Remembers a refusal, in milliseconds. */
  add(ms: number): void {
    this.#times[this.#next] = ms;
    this.#next = (this.#next + 1) % kept;
  }

  /** One of them; 0 when there was none yet. */
  pick(): number {
    return this.#times.length === 0 ? 0 : (this.#times[randomInt(this.#times.length)] ?? 0);
  }
}
