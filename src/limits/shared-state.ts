/**
 * What the shared limits have in common: a database that may be away (then the caller's own memory decides), and the removal
 * of what has expired. Questions are never waited for long: a limit is not worth a stuck screen.
 */
import type { Clock } from "../base/clock.ts";
import { logBug } from "../base/error-report.ts";
import { UserError } from "../base/errors.ts";
import type { Log } from "../base/log.ts";
import type { Database } from "../db/database.ts";
import { recentFailures, sweepFailures, sweepSurplus } from "./login-failures-table.ts";
import { busyRates, sweepRates } from "./rate-limits-table.ts";

export interface SharedStateOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Log;
}

/** A key that is not at rest. */
export interface LimitInfo {
  /** "runs", "commands" ... or "login". */
  readonly limit: string;
  readonly subject: string;
  /** For logins: the address, or "" for the account from everywhere. */
  readonly address: string;
  /** For logins: failures so far. */
  readonly failures: number | undefined;
  /** Seconds until the key is at rest again and its row goes. */
  readonly secondsLeft: number;
  /** Whether the last take was allowed; true for logins. */
  readonly allowed: boolean;
}

/** Longest wait for an answer. */
const patienceMs = 300;
/** After a failure nobody asks for this long. */
const pauseMs = 1000;
const sweepMs = 60_000;
/** Most rows that one sweep removes, so that it is never felt. */
const maxSwept = 20_000;
/** Strangers type what they like as a name; beyond so many rows the oldest go. */
const maxFailureRows = 100_000;

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

  /** Rows of one statement, or undefined when the database can't tell in time. */
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
      // Its outcome comes too late to matter; a failure then must not end the process.
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

  /** Removes what is at rest. Never throws. Returns the number of rows. */
  async sweep(): Promise<number> {
    const rates = await this.#remove(sweepRates, [maxSwept]);
    const failures = await this.#remove(sweepFailures, [maxSwept]);
    const surplus = await this.#remove(sweepSurplus, [maxSwept, maxFailureRows]);
    return rates + failures + surplus;
  }

  /** All keys that are not at rest; the longest first. Throws `database-unavailable`. */
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
