/**
 * The login throttle with its failures in the database: whoever guesses at several servers, or comes back after a
 * restart, is known. The rule is that of login-throttle.ts. Attempts under way are counted by each process, and so is
 * everything while the database is away: the local throttle is told of all failures, to be ready for that.
 */
import { addressKey } from "./address.ts";
import { countsStatement, failedStatement, forgetStatement, succeededStatement } from "./login-failures-table.ts";
import {
  forgetMs,
  knownMs,
  maxName,
  LoginThrottle,
  maxPending,
  pendingMs,
  permissionFor,
  type LoginAttempt,
  type LoginPermission,
  type ThrottleOptions,
} from "./login-throttle.ts";
import type { SharedState } from "./shared-state.ts";

/** The settings of the throttle, and the database. */
export interface SharedThrottleOptions extends Omit<ThrottleOptions, "clock"> {
  readonly state: SharedState;
}

interface CountsRow {
  readonly pair_failures: number | null;
  readonly since: number | null;
  readonly known: boolean | null;
  readonly lasting: boolean | null;
  readonly account_failures: number | null;
}

/** Attempts of a pair under way. */
interface Pending {
  count: number;
  last: number;
  /** Whether a right password changes nothing: no failures, and the address is known for long. */
  settled: boolean;
}

/** Time for which an address must still be known, so that a login need not write that again. */
const lastingMs = knownMs / 2;

/** The throttle of all processes of a server. */
export class SharedLoginThrottle {
  readonly #options: SharedThrottleOptions;
  readonly #state: SharedState;
  readonly #local: LoginThrottle;
  readonly #pending = new Map<string, Pending>();

  constructor(options: SharedThrottleOptions) {
    this.#options = options;
    this.#state = options.state;
    this.#local = new LoginThrottle({ ...options, clock: options.state.clock });
  }

  /**
   * The answer before a password is checked. An allowed attempt must be followed by `failed`, `succeeded` or
   * `abandoned`.
   */
  async check(username: string, address: string, attempt: LoginAttempt = { first: false }): Promise<LoginPermission> {
    const [name, from] = keyOf(username, address);
    const rows = await this.#state.ask<CountsRow>(countsStatement, [name, from, forgetMs / 1000, lastingMs / 1000]);
    const [row] = rows ?? [];
    if (!row) return this.#local.check(username, address, attempt);
    const permission = permissionFor(
      {
        pairFailures: row.pair_failures ?? 0,
        secondsSincePairFailed: row.since ?? Number.POSITIVE_INFINITY,
        known: row.known ?? false,
        accountFailures: row.account_failures ?? 0,
      },
      this.#options,
      attempt,
    );
    const settled = row.lasting === true && (row.pair_failures ?? 0) === 0;
    if (!permission.allowed || this.#begin(`${name}\0${from}`, settled) || attempt.first) return permission;
    return { allowed: false, retryAfterSeconds: 1 };
  }

  /** Counts a wrong password (or an unknown account: strangers must not see a difference). */
  async failed(username: string, address: string): Promise<void> {
    const [name, from] = this.#end(username, address);
    // Other attempts under way were told of fewer failures.
    const others = this.#pending.get(`${name}\0${from}`);
    if (others) others.settled = false;
    this.#local.failed(username, address);
    await this.#state.ask(failedStatement, [name, from, forgetMs / 1000]);
  }

  /** Counts a right password: the failures of the pair are forgotten. Where there are none, nothing is written. */
  async succeeded(username: string, address: string): Promise<void> {
    const settled = this.#pending.get(keyOf(username, address).join("\0"))?.settled;
    const [name, from] = this.#end(username, address);
    this.#local.succeeded(username, address);
    if (settled) return;
    await this.#state.ask(succeededStatement, [name, from, knownMs / 1000]);
  }

  /** Withdraws an attempt that was not checked (the database is down, the client left). */
  abandoned(username: string, address: string): void {
    this.#end(username, address);
    this.#local.abandoned(username, address);
  }

  /**
   * Forgets the failures of an account from all addresses: an admin's help for someone who waits; false when there were
   * none. Throws `database-unavailable`.
   */
  async reset(username: string): Promise<boolean> {
    this.#local.reset(username);
    const rows = await this.#state.database.queryRepeatable<{ failures: number }>(forgetStatement, [clean(username)]);
    return rows.some(({ failures }) => failures > 0);
  }

  /** Counts an attempt that begins; false when too many are under way. */
  #begin(key: string, settled: boolean): boolean {
    const now = this.#state.clock.monotonic();
    const pending = this.#pending.get(key) ?? { count: 0, last: now, settled };
    // These never got a result: their clients left.
    if (now - pending.last > pendingMs) pending.count = 0;
    if (pending.count >= maxPending) return false;
    this.#pending.delete(key);
    this.#pending.set(key, { count: pending.count + 1, last: now, settled: settled && pending.settled });
    this.#forgetOldest(now);
    return true;
  }

  #end(username: string, address: string): readonly [string, string] {
    const pair = keyOf(username, address);
    const key = pair.join("\0");
    const pending = this.#pending.get(key);
    if (pending && pending.count > 1) pending.count -= 1;
    else this.#pending.delete(key);
    return pair;
  }

  /**
   * Removes old entries. The table is in the order of the last attempt, so those without a result gather at its front.
   */
  #forgetOldest(now: number): void {
    for (const [key, { last }] of this.#pending) {
      if (now - last <= pendingMs && this.#pending.size <= maxPairsPending) return;
      this.#pending.delete(key);
    }
  }
}

const maxPairsPending = 20_000;

function keyOf(username: string, address: string): readonly [string, string] {
  // "" is the row of all addresses of the account.
  return [clean(username), addressKey(address).slice(0, 64) || "unknown"];
}

/** A name without NUL, which PostgreSQL's text can't hold. */
function clean(username: string): string {
  return username.slice(0, maxName).replaceAll("\0", "\ufffd");
}
