/**
 * Theory of operation: the GCRA of rate.ts, with the number of each key in the database, so that all processes count
 * together. One statement takes: PostgreSQL locks the key's row for it, and returns the answer. A database that is down
 * or slow must not keep people from their work, nor free them from the limit: then the process's own limiter decides,
 * at the same rate. It is told of every take that was allowed, so that an outage is no fresh start.
 */
import type { Take } from "./rate.ts";
import { resetStatement, takeStatement } from "./rate-limits-table.ts";
import { RoleRateLimiter, type RoleRateOptions } from "./role-rate.ts";
import type { SharedState } from "./shared-state.ts";

/** A named rate, and the database. */
export interface SharedRateOptions extends Omit<RoleRateOptions, "clock"> {
  /** Name that keeps the keys of several limiters apart: "runs", "commands". */
  readonly name: string;
  readonly state: SharedState;
}

/** Characters of a key that count; nobody has a longer one in good faith. */
const maxSubject = 200;

/** A rate limiter of all processes of a server. */
export class SharedRateLimiter {
  readonly name: string;
  readonly #options: SharedRateOptions;
  readonly #local: RoleRateLimiter;

  constructor(options: SharedRateOptions) {
    this.name = options.name;
    this.#options = options;
    this.#local = new RoleRateLimiter({ ...options, clock: options.state.clock });
  }

  /** Takes one for `key`. A refused take costs nothing. Never throws for an outage. */
  async take(key: string, kind?: string): Promise<Take> {
    const { perMinute, burst } = this.#local.allowanceOf(kind);
    const interval = 60 / perMinute;
    const tolerance = interval * (burst - 1);
    const subject = key.slice(0, maxSubject);
    const rows = await this.#options.state.ask<{ allowed: boolean; wait: number }>(takeStatement, [
      this.name,
      subject,
      interval,
      tolerance,
    ]);
    const [row] = rows ?? [];
    if (!row) return this.#local.take(subject, kind);
    if (!row.allowed) return { allowed: false, retryAfterSeconds: Math.max(row.wait, 0.001) };
    this.#local.take(subject, kind);
    return { allowed: true, retryAfterSeconds: 0 };
  }

  /** Forgets what this key took, in all processes; false when there was nothing. Throws `database-unavailable`. */
  async reset(key: string): Promise<boolean> {
    const subject = key.slice(0, maxSubject);
    this.#local.reset(subject);
    const rows = await this.#options.state.database.queryRepeatable(resetStatement, [this.name, subject]);
    return rows.length > 0;
  }
}
