/**
 * What the shared limits have in common: a database that may be away (then the caller's own memory decides), and the
 * removal of what has expired. Answers are never waited for long: a limit is not worth a stuck screen.
 */
import type { Clock } from "../base/clock.ts";
import { logBug } from "../base/error-report.ts";
import { UserError } from "../base/errors.ts";
import type { Log } from "../base/log.ts";
import type { Database } from "../db/database.ts";
import { recentFailures, sweepFailures, sweepSurplus } from "./login-failures-table.ts";
import { busyRates, sweepRates } from "./rate-limits-table.ts";

/** What the shared limits work with. */
export interface SharedStateOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Log;
}

/** A key that is not at rest. */
export interface LimitInfo {
  /** "login", or the name of a rate: "runs", "commands" ... */
  readonly limit: string;
  readonly subject: string;
  /** For logins the address, or "" for all addresses of the account; otherwise "". */
  readonly address: string;
  /** For logins the failures so far; otherwise undefined. */
  readonly failures: number | undefined;
  /** Seconds until the key is at rest and its row is removed. */
  readonly secondsLeft: number;
  /** Whether the last take was allowed; true for logins. */
  readonly allowed: boolean;
}

/** The longest wait for an answer. */
const patienceMs = 300;
/** Time after a failure in which the database is not asked. */
const pauseMs = 1000;
const sweepMs = 60_000;
/** Rows that one sweep removes at most, so that it is never felt. */
const maxSwept = 20_000;
/** Rows kept of failed logins: strangers type what they like as a name. The oldest go first. */
const maxFailureRows = 100_000;

/** The database of the shared limits, with bounded patience. */
export class SharedState implements Disposable {
  readonly database: Database;
  readonly clock: Clock;
  readonly #log: Log;
  readonly #timer: Disposable;
  #resumeAt = 0;
  #away = false;

  constructor(options: SharedStateOptions) {
    this.database = options.database;
    this.clock = options.clock;
    this.#log = options.log;
    this.#timer = options.clock.every(sweepMs, () => void this.sweep());
  }

  /** Rows of one statement; undefined when the database does not answer in time. */
  async ask<T extends object>(text: string, values: readonly unknown[]): Promise<readonly T[] | undefined> {
    if (this.clock.monotonic() < this.#resumeAt) return undefined;
    const late = Symbol("late");
    let timer: Disposable | undefined;
    const deadline = new Promise<typeof late>((resolve) => (timer = this.clock.after(patienceMs, () => resolve(late))));
    const asked = this.database.queryAtOnce<T>(text, values);
    try {
      const rows = await Promise.race([asked, deadline]);
      if (rows !== late) {
        this.#note(false);
        return rows;
      }
      // Its result comes too late to matter; a failure must not end the process.
      asked.catch((error: unknown) => this.#log.debug("a limit's statement failed", { error }));
      this.#note(true, new Error("no answer in time"));
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      this.#note(true, error);
    } finally {
      timer?.[Symbol.dispose]();
    }
    return undefined;
  }

  /** Removes expired rows; resolves with their number. Never throws. */
  async sweep(): Promise<number> {
    const rates = await this.#remove(sweepRates, [maxSwept]);
    const failures = await this.#remove(sweepFailures, [maxSwept]);
    const surplus = await this.#remove(sweepSurplus, [maxSwept, maxFailureRows]);
    return rates + failures + surplus;
  }

  /** All keys that are not at rest, the longest wait first. Throws `database-unavailable`. */
  async list(): Promise<LimitInfo[]> {
    const rows = await this.database.queryRepeatable<Omit<LimitInfo, "failures"> & { failures: number | null }>(
      `${busyRates} UNION ALL ${recentFailures} ORDER BY "secondsLeft" DESC LIMIT 1000`,
    );
    return rows.map((row) => ({ ...row, failures: row.failures ?? undefined }));
  }

  [Symbol.dispose](): void {
    this.#timer[Symbol.dispose]();
  }

  async #remove(text: string, values: readonly unknown[]): Promise<number> {
    try {
      return (await this.database.queryAtOnce(text, values)).length;
    } catch (error) {
      if (error instanceof UserError) this.#log.debug("limits were not swept", { error });
      else logBug(error, this.#log);
      return 0;
    }
  }

  #note(away: boolean, error?: unknown): void {
    if (away) this.#resumeAt = this.clock.monotonic() + pauseMs;
    if (away === this.#away) return;
    this.#away = away;
    if (away) this.#log.warn("limits are counted by this process alone", { error });
    else this.#log.info("limits are shared again");
  }
}
