/**
 * Theory of operation: guessing is slowed down per pair of account and address, never per address alone (a whole class
 * sits behind one) and never by locking an account (a stranger could then lock Ada out). After a few free failures the
 * pair waits 1, 2, 4 ... seconds from its last failure. That applies to further attempts on a connection. The first one
 * is always checked: until then nobody can tell Ada from a prankster at the next desk, and Ada must get in; the number
 * of first attempts is limited with the connections of an address (ssh/startups.ts). A guesser gets the answer late if
 * it is no: by the pair's wait, and a little for guesses from many addresses at one account, where the address has
 * never logged in to it. Everything is forgotten after a quarter of an hour, and the tables are bounded: the least
 * recently used entry goes first.
 */
import type { Clock } from "../base/clock.ts";
import { addressKey } from "./address.ts";

/** The settings of the throttle. */
export interface ThrottleOptions {
  /** Failures of one account from one address that cost no wait. */
  readonly freeFailures: number;
  /** The longest wait between two attempts. */
  readonly maxDelaySeconds: number;
  readonly clock: Clock;
}

/** The answer to a login attempt before its password is checked. */
export type LoginPermission =
  /**
   * Go on; a "no" is answered after `delaySeconds` at the earliest. `known`: this address has logged in to this account
   * before.
   */
  | { readonly allowed: true; readonly delaySeconds: number; readonly known: boolean }
  | { readonly allowed: false; readonly retryAfterSeconds: number };

/** The failures of an account so far. */
export interface FailureCounts {
  /** Failures from this address. */
  readonly pairFailures: number;
  readonly secondsSincePairFailed: number;
  /** Whether this address has logged in to this account before. */
  readonly known: boolean;
  /** Failures from all addresses. */
  readonly accountFailures: number;
}

/** An attempt with a password. */
export interface LoginAttempt {
  /** Whether it is the first on its connection. */
  readonly first: boolean;
}

const further: LoginAttempt = { first: false };

/** What follows from the failures so far, as the theory of operation says. */
export function permissionFor(
  counts: FailureCounts,
  options: Omit<ThrottleOptions, "clock">,
  attempt: LoginAttempt,
): LoginPermission {
  const wait = waitSeconds(counts.pairFailures, options) - counts.secondsSincePairFailed;
  if (wait > 0 && !attempt.first) return { allowed: false, retryAfterSeconds: wait };
  const beyond = counts.accountFailures - targetFactor * options.freeFailures;
  const slow = !counts.known && beyond > 0 ? Math.min(beyond / 10, maxDelaySeconds, options.maxDelaySeconds) : 0;
  return { allowed: true, delaySeconds: Math.max(slow, Math.min(wait, maxAnswerSeconds), 0), known: counts.known };
}

function waitSeconds(failures: number, options: Omit<ThrottleOptions, "clock">): number {
  const beyond = failures - options.freeFailures;
  return beyond < 0 ? 0 : Math.min(2 ** Math.min(beyond, 30), options.maxDelaySeconds);
}

interface Pair {
  failures: number;
  /** On the monotonic clock, milliseconds. */
  lastFailure: number;
  /** Attempts that were allowed and have no result yet. */
  pending: number;
  lastCheck: number;
  /** Whether this address has logged in to this account before. */
  known: boolean;
  touched: number;
}

interface Target {
  failures: number;
  lastFailure: number;
}

/** Time after which failures are forgotten. */
export const forgetMs = 15 * 60_000;
/** Time for which an address that logged in is known: a day. */
export const knownMs = 24 * 3600_000;
const maxPairs = 20_000;
const maxTargets = 5_000;
/**
 * Attempts of a pair that may wait for their password check at once: more would be guesses that outrun their own
 * failures. A class that shares one account (a demonstration, a benchmark) still gets in.
 */
export const maxPending = 64;
/** Time after which an attempt without a result (its client left) no longer counts. */
export const pendingMs = 30_000;
/**
 * Failures of an account from all addresses, in multiples of the free ones, before unknown addresses are slowed down.
 */
const targetFactor = 10;
const maxDelaySeconds = 2;
/** The longest wait for a "no": a mistyped password must not look like a server that hangs. */
const maxAnswerSeconds = 5;
/** Characters of a name that are kept: strangers type what they like, and no account's name is longer. */
export const maxName = 64;

/** The throttle of one process, in memory. */
export class LoginThrottle {
  readonly #options: ThrottleOptions;
  readonly #pairs = new Map<string, Pair>();
  readonly #targets = new Map<string, Target>();

  constructor(options: ThrottleOptions) {
    this.#options = options;
  }

  /** Entries held at present. */
  get size(): number {
    return this.#pairs.size + this.#targets.size;
  }

  /**
   * The answer before a password is checked. An allowed attempt must be followed by `failed`, `succeeded` or
   * `abandoned`.
   */
  check(username: string, address: string, attempt = further): LoginPermission {
    const now = this.#options.clock.monotonic();
    const pair = this.#pair(username, address, now);
    const permission = permissionFor(
      {
        pairFailures: pair.failures,
        secondsSincePairFailed: (now - pair.lastFailure) / 1000,
        known: pair.known,
        accountFailures: this.#target(username, now).failures,
      },
      this.#options,
      attempt,
    );
    if (!permission.allowed) return permission;
    if (now - pair.lastCheck > pendingMs) pair.pending = 0;
    if (pair.pending >= maxPending && !attempt.first) return { allowed: false, retryAfterSeconds: 1 };
    pair.pending += 1;
    pair.lastCheck = now;
    return permission;
  }

  /** Counts a wrong password (or an unknown account: strangers must not see a difference). */
  failed(username: string, address: string): void {
    const now = this.#options.clock.monotonic();
    const pair = this.#pair(username, address, now);
    pair.pending = Math.max(0, pair.pending - 1);
    pair.failures += 1;
    pair.lastFailure = now;
    const target = this.#target(username, now);
    put(this.#targets, username.slice(0, maxName), { failures: target.failures + 1, lastFailure: now }, maxTargets);
  }

  /** Counts a right password: the failures of the pair are forgotten. */
  succeeded(username: string, address: string): void {
    const pair = this.#pair(username, address, this.#options.clock.monotonic());
    pair.pending = Math.max(0, pair.pending - 1);
    pair.failures = 0;
    pair.known = true;
  }

  /** Withdraws an attempt that was not checked (the database is down, the client left). */
  abandoned(username: string, address: string): void {
    const pair = this.#pair(username, address, this.#options.clock.monotonic());
    pair.pending = Math.max(0, pair.pending - 1);
  }

  /** Forgets the failures of an account from all addresses: an admin's help for someone who waits. */
  reset(username: string): void {
    this.#targets.delete(username);
    for (const key of this.#pairs.keys()) if (key.startsWith(`${username}\0`)) this.#pairs.delete(key);
  }

  #pair(username: string, address: string, now: number): Pair {
    const key = `${username.slice(0, maxName)}\0${addressKey(address)}`;
    const pair = this.#pairs.get(key) ?? fresh();
    if (now - pair.lastFailure > forgetMs) pair.failures = 0;
    if (now - pair.touched > knownMs) pair.known = false;
    pair.touched = now;
    put(this.#pairs, key, pair, maxPairs);
    return pair;
  }

  #target(username: string, now: number): Target {
    const target = this.#targets.get(username.slice(0, maxName));
    return target && now - target.lastFailure <= forgetMs ? target : { failures: 0, lastFailure: now };
  }
}

function fresh(): Pair {
  return {
    failures: 0,
    lastFailure: Number.NEGATIVE_INFINITY,
    pending: 0,
    lastCheck: Number.NEGATIVE_INFINITY,
    known: false,
    touched: Number.NEGATIVE_INFINITY,
  };
}

/**
 * Adds an entry. Maps keep insertion order: what is set again becomes the newest, and the oldest goes when the table is
 * full.
 */
function put<T>(table: Map<string, T>, key: string, value: T, max: number): void {
  table.delete(key);
  table.set(key, value);
  if (table.size <= max) return;
  const oldest = table.keys().next();
  if (!oldest.done) table.delete(oldest.value);
}
