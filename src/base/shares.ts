/**
 * Theory of operation: what a person's connections have this thread do (packets, keys, window sizes, frames) is measured and added up,
 * for all connections of the person together. Everybody may use `burst` milliseconds at once and `ordinaryRate` of the thread all the time,
 * several times what anybody needs who types. Who has used up more than half of the burst is a heavy user until it is whole again, and waits for a turn: all of
 * them together have a quarter of the thread, evenly, one of them at a time with a rest in between, so that a light user waits for one deed at
 * most and never for a row of them. Who is in debt waits until it is paid besides, which lets the others go first. So whatever somebody finds to
 * do a thousand times a second, it is bounded without being known by name; single deeds have to be short.
 */
import { startWork, type Clock } from "./clock.ts";
import { disposable } from "./scope.ts";

/** Milliseconds. */
const burst = 50;
/** Whoever has less left becomes a heavy user. */
const heavyBelow = 25;
/** Parts of the thread: of each light user, and of all heavy ones together. */
const ordinaryRate = 0.03;
const heavyRate = 0.25;
/** Between two looks at all heavy users, milliseconds. */
const settleAllMs = 50;
/** Nobody waits longer, whatever one deed took; milliseconds. */
const maxWait = 2000;

/** One person's part of the thread. */
export interface Share {
  /** Adds work that was done. */
  spend(ms: number): void;
  /** Begins to measure; what is returned adds what was done until then. */
  measure(): () => void;
  /** Does something and adds the time that it takes. */
  use<T>(work: () => T): T;
  /** Milliseconds until this person may go on, as far as is known by now; 0 for a light user. */
  wait(): number;
  /** Calls back, never at once, when the person may go on. */
  whenFree(callback: () => void): Disposable;
}

interface Account {
  /** Milliseconds that may be used; below 0 for debt. */
  left: number;
  /** When `left` was right. */
  at: number;
}

interface Waiting {
  readonly account: Account;
  readonly callback: () => void;
}

export class Shares {
  readonly #clock: Clock;
  readonly #accounts = new Map<string, Account>();
  readonly #heavy = new Set<Account>();
  /** How many connections use an account: it goes with the last. */
  readonly #users = new Map<string, number>();
  #settledAll = Number.NEGATIVE_INFINITY;
  /** When the next heavy user may have a turn. */
  #nextTurn = Number.NEGATIVE_INFINITY;
  /** Who waits for that, in the order in which they came. */
  readonly #line: Waiting[] = [];
  #timer: Disposable | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The share of a name; dispose of it when it is not used any more. */
  of(name: string): Share & Disposable {
    this.#users.set(name, (this.#users.get(name) ?? 0) + 1);
    let account = this.#accounts.get(name);
    if (!account) {
      account = { left: burst, at: this.#clock.monotonic() };
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

  /** For tests: how many names there are. */
  get size(): number {
    return this.#accounts.size;
  }

  #spend(account: Account, ms: number): void {
    this.#settle(account);
    account.left -= ms;
    if (account.left < heavyBelow) this.#heavy.add(account);
    if (!this.#heavy.has(account)) return;
    const now = this.#clock.monotonic();
    this.#nextTurn = Math.min(Math.max(now, this.#nextTurn) + ms * (1 / heavyRate - 1), now + maxWait);
  }

  #wait(account: Account): number {
    const ahead = this.#line.length > 0 && this.#heavy.has(account) ? 1 : 0;
    return Math.min(maxWait, Math.ceil(Math.max(ahead, this.#untilTurn(account))));
  }

  /** Milliseconds until this one may go on when nobody is ahead; below 1 for at once. */
  #untilTurn(account: Account): number {
    this.#settle(account);
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
    const wait = Math.min(maxWait, ...this.#line.map(({ account }) => this.#untilTurn(account)));
    this.#timer = this.#clock.after(Math.max(1, Math.ceil(wait)), () => this.#serve());
  }

  /** The first whose time has come, then another one only if that was no heavy work. */
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

  /** Adds what time has brought since; from time to time to all heavy users: those who do nothing any more would else count as heavy for ever. */
  #settle(account: Account): void {
    const now = this.#clock.monotonic();
    if (now - this.#settledAll >= settleAllMs) {
      this.#settledAll = now;
      for (const heavy of this.#heavy) this.#bring(heavy, now);
    }
    this.#bring(account, now);
  }

  #bring(account: Account, now: number): void {
    account.left = Math.min(burst, account.left + (now - account.at) * this.#rate(account));
    account.at = now;
    if (account.left === burst) this.#heavy.delete(account);
    // Nobody pays longer than that for one deed.
    account.left = Math.max(account.left, -maxWait * heavyRate);
  }

  #leave(name: string): void {
    const users = (this.#users.get(name) ?? 1) - 1;
    if (users > 0) return void this.#users.set(name, users);
    this.#users.delete(name);
    const account = this.#accounts.get(name);
    // A debt outlives its connection: a new one would else be a way out of it.
    if (account && this.#wait(account) > 0) return void this.#clock.after(maxWait, () => this.#forget(name));
    this.#forget(name);
  }

  #forget(name: string): void {
    if (this.#users.has(name)) return;
    const account = this.#accounts.get(name);
    if (account) this.#heavy.delete(account);
    this.#accounts.delete(name);
  }
}
