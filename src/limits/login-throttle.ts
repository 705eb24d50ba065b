/**
 * Theory of operation: guessing is slowed down per account AND address, never per address alone (a whole class sits
 * behind one) and never by locking an account (a stranger could then lock Ada out). After a few free failures the pair
 * waits 1, 2, 4 ... seconds from its last failure. That goes for further tries on a connection. The first one is always
 * checked: nobody can tell Ada from a prankster at the next desk before, and she must get in; how many first tries
 * there are is limited with the connections of an address (ssh/startups.ts). What a guesser gets late is the answer, if it is
 * no: by the pair's wait, and a little for guesses from many addresses at one account, where the address never logged in to it.
 * All is forgotten after a quarter of an hour, and the tables are bounded: the least recently used entry goes first.
 */
import type { Clock } from "../base/clock.ts";
import { addressKey } from "./address.ts";

export interface ThrottleOptions {
  /** Failures of one account from one address that cost nothing. */
  readonly freeFailures: number;
  /** Longest wait between two tries, in seconds. */
  readonly maxDelaySeconds: number;
  readonly clock: Clock;
}

export type LoginPermission =
  /** Go on; a "no" is answered at the earliest after `delaySeconds`. `known`: this address logged in to this account before. */
  | { readonly allowed: true; readonly delaySeconds: number; readonly known: boolean }
  | { readonly allowed: false; readonly retryAfterSeconds: number };

/** What is known about the failures of an account, from one address and from everywhere. */
export interface FailureCounts {
  /** Of this pair of account and address. */
  readonly pairFailures: number;
  readonly secondsSincePairFailed: number;
  /** Whether this address logged in to this account before. */
  readonly known: boolean;
  /** Of the account, from everywhere. */
  readonly accountFailures: number;
}

/** A try at a password. */
export interface LoginAttempt {
  /** The first with a password on its connection. */
  readonly first: boolean;
}

const further: LoginAttempt = { first: false };

/** The rule of the theory of operation: what follows from the failures so far. */
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
  /** On the monotonic clock, in milliseconds. */
  lastFailure: number;
  /** Tries that were allowed and not yet decided. */
  pending: number;
  lastCheck: number;
  /** Whether this address logged in to this account before. */
  known: boolean;
  touched: number;
}

interface Target {
  failures: number;
  lastFailure: number;
}

export const forgetMs = 15 * 60_000;
/** An address that logged in is known for a day. */
export const knownMs = 24 * 3600_000;
const maxPairs = 20_000;
const maxTargets = 5_000;
/**
 * Tries at once that wait for their password check: more would be guesses that outrun their own failures. A class that
 * shares one account (a demonstration, a benchmark) still gets in.
 */
export const maxPending = 64;
/** A try that was never decided (its client went away) stops counting after this time. */
export const pendingMs = 30_000;
/** Failures of an account from everywhere, in multiples of the free ones, before unknown addresses are slowed down. */
const targetFactor = 10;
const maxDelaySeconds = 2;
/** Longest wait for a "no": a mistyped password must not look like a server that hangs. */
const maxAnswerSeconds = 5;
/** Strangers type what they like as a name; no account's is longer. */
export const maxName = 64;

export class LoginThrottle {
  readonly #options: ThrottleOptions;
  readonly #pairs = new Map<string, Pair>();
  readonly #targets = new Map<string, Target>();

  constructor(options: ThrottleOptions) {
    this.#options = options;
  }

  /** Entries held at the moment. */
  get size(): number {
    return this.#pairs.size + this.#targets.size;
  }

  /** Asks before a password is checked. What is allowed must be followed by `failed`, `succeeded` or `abandoned`. */
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

  /** The password was wrong (or there is no such account: strangers must not see a difference). */
  failed(username: string, address: string): void {
    const now = this.#options.clock.monotonic();
    const pair = this.#pair(username, address, now);
    pair.pending = Math.max(0, pair.pending - 1);
    pair.failures += 1;
    pair.lastFailure = now;
    const target = this.#target(username, now);
    put(this.#targets, username.slice(0, maxName), { failures: target.failures + 1, lastFailure: now }, maxTargets);
  }

  /** The password was right: the pair starts afresh. */
  succeeded(username: string, address: string): void {
    const pair = this.#pair(username, address, this.#options.clock.monotonic());
    pair.pending = Math.max(0, pair.pending - 1);
    pair.failures = 0;
    pair.known = true;
  }

  /** The check could not be made (the database is down, the client left): neither right nor wrong. */
  abandoned(username: string, address: string): void {
    const pair = this.#pair(username, address, this.#options.clock.monotonic());
    pair.pending = Math.max(0, pair.pending - 1);
  }

  /** Forgets the failures of an account from everywhere: an admin's help for someone who waits. */
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

/** Maps keep insertion order: what is put again becomes the newest, and the oldest goes when the table is full. */
function put<T>(table: Map<string, T>, key: string, value: T, most: number): void {
  table.delete(key);
  table.set(key, value);
  if (table.size <= most) return;
  const oldest = table.keys().next();
  if (!oldest.done) table.delete(oldest.value);
}
