/**
 * Theory of operation: the same GCRA as rate.ts, with each key's number in the database, so that all processes count together.
 * One statement takes: PostgreSQL locks the key's row for it, and the answer comes back with it. A database that is down,
 * or too slow to be waited for, must not keep people from their work, nor let them do without any limit: then the
 * process's own limiter decides, at the same rate. It also hears of every take that was allowed, so that an outage is no
 * fresh start.
 */
import type { Take } from "./rate.ts";
import { resetStatement, takeStatement } from "./rate-limits-table.ts";
import { RoleRateLimiter, type RoleRateOptions } from "./role-rate.ts";
import type { SharedState } from "./shared-state.ts";

export interface SharedRateOptions extends Omit<RoleRateOptions, "clock"> {
  /** Keeps the keys of several limiters apart: "runs", "commands". */
  readonly name: string;
  readonly state: SharedState;
}

/** How long keys may be; longer ones would be somebody's trick. */
const maxSubject = 200;

export class SharedRateLimiter {
  readonly name: string;
  readonly #options: SharedRateOptions;
  readonly #local: RoleRateLimiter;

  constructor(options: SharedRateOptions) {
    this.name = options.name;
    this.#options = options;
    this.#local = new RoleRateLimiter({ ...options, clock: options.state.clock });
  }

  /** Takes one for `key`, or says after how many seconds (at least) one will be free. A refused take costs nothing. Never throws for an outage. */
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

  /** Forgets what this key took, everywhere. Returns whether there was something. Throws `database-unavailable`. */
  async reset(key: string): Promise<boolean> {
    const subject = key.slice(0, maxSubject);
    this.#local.reset(subject);
    const rows = await this.#options.state.database.queryRepeatable(resetStatement, [this.name, subject]);
    return rows.length > 0;
  }
}
