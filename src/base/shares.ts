/**
 * Theory of operation: the work that a person's connections cause on this thread (packets, keys, window sizes, frames)
 * is measured and summed over all connections of the person. Everybody may use `burstMs` at once and `ordinaryRate` of
 * the thread all the time, several times what typing needs. Whoever has used up more than half of the burst is a heavy
 * user until it is whole again, and waits for a turn: all heavy users together have a quarter of the thread, evenly,
 * one at a time with a rest in between, so that a light user waits for one piece of work at most and never for a row of
 * them. Whoever is in debt also waits until it is paid, which lets the others go first. So whatever somebody finds to
 * do a thousand times a second is bounded without being known by name; single pieces of work have to be short.
 */
import { startWork, type Clock } from "./clock.ts";
import { disposable } from "./scope.ts";

/** Work that anybody may cause at once. */
const burstMs = 50;
/** Allowance left below which somebody is a heavy user. */
const heavyBelowMs = 25;
/** Shares of the thread: of each light user, and of all heavy users together. */
const ordinaryRate = 0.03;
const heavyRate = 0.25;
/** Time between two updates of all heavy users. */
const refillAllMs = 50;
/** The longest wait, whatever one piece of work took. */
const maxWaitMs = 2000;

/** One person's part of the thread. */
export interface Share {
  /** Charges work that was done. */
  spend(ms: number): void;
  /** Starts a measurement; the returned function charges the time since. */
  measure(): () => void;
  /** Does some work and charges its time. */
  use<T>(work: () => T): T;
  /** Milliseconds until this person may go on, as far as is known now; 0 for a light user. */
  wait(): number;
  /** A call, never at once, when the person may go on; disposing cancels it. */
  whenFree(callback: () => void): Disposable;
}

interface Account {
  /** Allowance left, milliseconds; negative for debt. */
  left: number;
  /** When `left` was computed. */
  at: number;
}

interface Waiting {
  readonly account: Account;
  readonly callback: () => void;
}

/** The shares of all people who use this thread. */
export class Shares {
  readonly #clock: Clock;
  readonly #accounts = new Map<string, Account>();
  readonly #heavy = new Set<Account>();
  /** How many connections use each account, which goes with the last. */
  readonly #users = new Map<string, number>();
  #refilledAllAt = Number.NEGATIVE_INFINITY;
  /** When the next heavy user may have a turn. */
  #nextTurn = Number.NEGATIVE_INFINITY;
  /** Who waits for that, first come first. */
  readonly #line: Waiting[] = [];
  #timer: Disposable | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The share of a name; dispose of it when it is no longer used. */
  of(name: string): Share & Disposable {
    this.#users.set(name, (this.#users.get(name) ?? 0) + 1);
    let account = this.#accounts.get(name);
    if (!account) {
      account = { left: burstMs, at: this.#clock.monotonic() };
      this.#accounts.set(name, account);
    }
    const own = account;
    let used = true;
    const spend = (ms: number): void => this.#spend(own, ms);
    const measure = (): (() => void) => {
      const took = startWork(this.#clock);
      return () => spend(took());
    };
    return {
      spend,
      measure,
      use: (work) => {
        const done = measure();
        try {
          return work();
        } finally {
          done();
        }
      },
      wait: () => this.#wait(own),
      whenFree: (callback) => this.#whenFree(own, callback),
      [Symbol.dispose]: () => {
        if (used) this.#leave(name);
        used = false;
      },
    };
  }

  /** For tests: the number of names. */
  get size(): number {
    return this.#accounts.size;
  }

  #spend(account: Account, ms: number): void {
    this.#refill(account);
    account.left -= ms;
    if (account.left < heavyBelowMs) this.#heavy.add(account);
    if (!this.#heavy.has(account)) return;
    const now = this.#clock.monotonic();
    this.#nextTurn = Math.min(Math.max(now, this.#nextTurn) + ms * (1 / heavyRate - 1), now + maxWaitMs);
  }

  #wait(account: Account): number {
    const ahead = this.#line.length > 0 && this.#heavy.has(account) ? 1 : 0;
    return Math.min(maxWaitMs, Math.ceil(Math.max(ahead, this.#untilTurn(account))));
  }

  /** Milliseconds until this account may go on if nobody is ahead; below 1 for at once. */
  #untilTurn(account: Account): number {
    this.#refill(account);
    if (!this.#heavy.has(account)) return 0;
    const debt = account.left < 0 ? -account.left / this.#rate(account) : 0;
    return Math.max(0, debt, this.#nextTurn - this.#clock.monotonic());
  }

  #whenFree(account: Account, callback: () => void): Disposable {
    const waiting = { account, callback };
    this.#line.push(waiting);
    this.#schedule();
    return disposable(() => {
      const index = this.#line.indexOf(waiting);
      if (index < 0) return;
      this.#line.splice(index, 1);
      this.#schedule();
    });
  }

  #schedule(): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    if (this.#line.length === 0) return;
    const wait = Math.min(maxWaitMs, ...this.#line.map(({ account }) => this.#untilTurn(account)));
    this.#timer = this.#clock.after(Math.max(1, Math.ceil(wait)), () => this.#serve());
  }

  /** Serves the first that may go on, and then another one only if that was not heavy work. */
  #serve(): void {
    const index = this.#line.findIndex(({ account }) => this.#untilTurn(account) < 1);
    const [next] = index < 0 ? [] : this.#line.splice(index, 1);
    try {
      next?.callback();
    } finally {
      this.#schedule();
    }
  }

  #rate(account: Account): number {
    return this.#heavy.has(account) ? heavyRate / this.#heavy.size : ordinaryRate;
  }

  /**
   * Adds the allowance for the time that has passed; now and then for all heavy users, since those who became idle
   * would otherwise count as heavy for ever.
   */
  #refill(account: Account): void {
    const now = this.#clock.monotonic();
    if (now - this.#refilledAllAt >= refillAllMs) {
      this.#refilledAllAt = now;
      for (const heavy of this.#heavy) this.#refillOne(heavy, now);
    }
    this.#refillOne(account, now);
  }

  #refillOne(account: Account, now: number): void {
    account.left = Math.min(burstMs, account.left + (now - account.at) * this.#rate(account));
    account.at = now;
    if (account.left === burstMs) this.#heavy.delete(account);
    // Nobody pays longer than that for one piece of work.
    account.left = Math.max(account.left, -maxWaitMs * heavyRate);
  }

  #leave(name: string): void {
    const users = (this.#users.get(name) ?? 1) - 1;
    if (users > 0) return void this.#users.set(name, users);
    this.#users.delete(name);
    const account = this.#accounts.get(name);
    // A debt outlives its connection: otherwise a new connection would be a way out of it.
    if (account && this.#wait(account) > 0) return void this.#clock.after(maxWaitMs, () => this.#forget(name));
    this.#forget(name);
  }

  #forget(name: string): void {
    if (this.#users.has(name)) return;
    const account = this.#accounts.get(name);
    if (account) this.#heavy.delete(account);
    this.#accounts.delete(name);
  }
}
