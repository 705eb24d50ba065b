/** A rate limiter of this process whose keys may take more, or less, by role. */
import type { Clock } from "../base/clock.ts";
import { RateLimiter, type Take } from "./rate.ts";

export interface RoleRateOptions {
  readonly perMinute: number;
  /** Takes at once after a rest; by default a minute's worth. */
  readonly burst?: number | undefined;
  /** Roles (or other kinds of callers): a multiple of both numbers. */
  readonly factors?: Readonly<Record<string, number>> | undefined;
  readonly clock: Clock;
}

/** What one kind of callers may. */
export interface Allowance {
  readonly perMinute: number;
  /** One at least. */
  readonly burst: number;
}

export class RoleRateLimiter {
  readonly #options: RoleRateOptions;
  /** One for each factor, made when first needed. */
  readonly #limiters = new Map<number, RateLimiter>();

  constructor(options: RoleRateOptions) {
    this.#options = options;
  }

  allowanceOf(kind?: string): Allowance {
    const { perMinute, burst = perMinute } = this.#options;
    const factor = this.#factorOf(kind);
    return { perMinute: perMinute * factor, burst: Math.max(1, burst * factor) };
  }

  /** Takes one, or says after how many seconds (at least) one will be free. A refused take costs nothing. */
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
