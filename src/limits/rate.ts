/**
 * Theory of operation: GCRA (the "virtual scheduling" form of ATM Forum TM 4.0). Each key has one number: the time at
 * which it will have used up what it took. A take is allowed while that time is no further ahead than the burst. The
 * numbers live in a table of fixed size, found by a hash with a secret seed, so that a million keys cost no more than
 * one and nobody can aim at another's cell. Each key has two cells and counts as the emptier one, so that sharing one
 * cell with a busy key does no harm.
 */
import { randomBytes } from "node:crypto";
import type { Clock } from "../base/clock.ts";

/** A rate. */
export interface RateOptions {
  /** Takes per minute in the long run. */
  readonly perMinute: number;
  /** Takes at once after a rest; default: those of a minute. */
  readonly burst?: number | undefined;
  readonly clock: Clock;
}

/** The answer to a take; `retryAfterSeconds` is when one will be free at the earliest. */
export type Take =
  | { readonly allowed: true; readonly retryAfterSeconds: 0 }
  | { readonly allowed: false; readonly retryAfterSeconds: number };

const cellCount = 2 ** 17;
const granted: Take = { allowed: true, retryAfterSeconds: 0 };

/** A rate limiter of this process. */
export class RateLimiter {
  readonly #clock: Clock;
  /** Milliseconds that one take costs. */
  readonly #intervalMs: number;
  /** Milliseconds that the virtual time may be ahead. */
  readonly #toleranceMs: number;
  readonly #cells = new Float64Array(cellCount).fill(Number.NEGATIVE_INFINITY);
  readonly #seeds: readonly [number, number];

  constructor(options: RateOptions) {
    this.#clock = options.clock;
    this.#intervalMs = 60_000 / options.perMinute;
    this.#toleranceMs = this.#intervalMs * ((options.burst ?? options.perMinute) - 1);
    const seed = randomBytes(8);
    this.#seeds = [seed.readUInt32LE(0), seed.readUInt32LE(4)];
  }

  /** Takes one. A refused take costs nothing. */
  take(key: string): Take {
    const now = this.#clock.monotonic();
    const first = cellOf(key, this.#seeds[0]);
    const second = cellOf(key, this.#seeds[1]);
    const used = Math.max(Math.min(this.#cells[first] ?? 0, this.#cells[second] ?? 0), now);
    const ahead = used - now;
    // A thousandth of a millisecond allows for the rounding of repeated additions.
    if (ahead > this.#toleranceMs + 1e-3)
      return { allowed: false, retryAfterSeconds: (ahead - this.#toleranceMs) / 1000 };
    const next = used + this.#intervalMs;
    this.#cells[first] = Math.max(this.#cells[first] ?? 0, next);
    this.#cells[second] = Math.max(this.#cells[second] ?? 0, next);
    return granted;
  }

  /** Gives back one that was taken and not used. */
  giveBack(key: string): void {
    for (const seed of this.#seeds) {
      const cell = cellOf(key, seed);
      this.#cells[cell] = (this.#cells[cell] ?? 0) - this.#intervalMs;
    }
  }

  /** Forgets what this key took. */
  reset(key: string): void {
    for (const seed of this.#seeds) this.#cells[cellOf(key, seed)] = Number.NEGATIVE_INFINITY;
  }
}

/** FNV-1a with a seed, then MurmurHash3's finalizer, since FNV's low bits mix badly for short keys. */
function cellOf(key: string, seed: number): number {
  let hash = seed ^ 0x811c9dc5;
  for (let index = 0; index < key.length; index += 1) hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) & (cellCount - 1);
}
