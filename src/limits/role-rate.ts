/** A rate limiter of this process with a factor for each role. */
import type { Clock } from "../base/clock.ts";
import { RateLimiter, type Take } from "./rate.ts";

/** A rate, and factors. */
export interface RoleRateOptions {
  readonly perMinute: number;
  /** Takes at once after a rest; default: those of a minute. */
  readonly burst?: number | undefined;
  /** Factors of both numbers, by role (or another kind of caller); 1 for others. */
  readonly factors?: Readonly<Record<string, number>> | undefined;
  readonly clock: Clock;
}

/** The rate of one kind of caller. */
export interface Allowance {
  readonly perMinute: number;
  /** At least one. */
  readonly burst: number;
}

/** Rate limiters of this process, one for each factor. */
export class RoleRateLimiter {
  readonly #options: RoleRateOptions;
  /** By factor, made when first needed. */
  readonly #limiters = new Map<number, RateLimiter>();

  constructor(options: RoleRateOptions) {
    this.#options = options;
  }

  /** The rate of a kind of caller. */
  allowanceOf(kind?: string): Allowance {
    const { perMinute, burst = perMinute } = this.#options;
    const factor = this.#factorOf(kind);
    return { perMinute: perMinute * factor, burst: Math.max(1, burst * factor) };
  }

  /** Takes one. A refused take costs nothing. */
  take(key: string, kind?: string): Take {
    return this.#limiterOf(kind).take(key);
  }

  /** Forgets what this key took. */
  reset(key: string): void {
    for (const limiter of this.#limiters.values()) limiter.reset(key);
  }

  #factorOf(kind: string | undefined): number {
    return (kind === undefined ? undefined : this.#options.factors?.[kind]) ?? 1;
  }

  #limiterOf(kind: string | undefined): RateLimiter {
    const factor = this.#factorOf(kind);
    const known = this.#limiters.get(factor);
    if (known) return known;
    const made = new RateLimiter({ ...this.allowanceOf(kind), clock: this.#options.clock });
    this.#limiters.set(factor, made);
    return made;
  }
}
