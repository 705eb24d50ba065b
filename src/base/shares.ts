/**
 * Theory of operation: what a person's connections have this thread do (packets, keys, window sizes, frames) is measured and added up,
 * for all connections of the person together. Everybody may use `burst` milliseconds at once and a tenth of the thread all the time, far
 * more than anybody needs who types. Who uses more is in debt, and has to wait until it is paid: those in debt share a quarter
 * of the thread between them, however many they are. So whatever somebody finds to do a thousand times a second, it is bounded without being
 * known by name; single deeds have to be short.
 */
import { startWork, type Clock } from "./clock.ts";

/** Milliseconds. */
const burst = 50;
/** Parts of the thread: of one who is not in debt, and of all together who are. */
const ordinaryRate = 0.1;
const debtorsRate = 0.25;
/** Nobody waits longer, whatever one deed took; milliseconds. */
const longestWait = 2000;

/** One person's part of the thread. */
export interface Share {
  /** Adds work that was done. */
  spend(milliseconds: number): void;
  /** Begins to measure; what is returned adds what was done until then. */
  measure(): () => void;
  /** Does something and adds the time that it takes. */
  use<T>(work: () => T): T;
  /** Milliseconds until this person may go on; 0 for whoever is not in debt. */
  wait(): number;
}

interface Account {
  /** Milliseconds that may be used; below 0 for debt. */
  left: number;
  /** When `left` was right. */
  at: number;
}

export class Shares {
  readonly #clock: Clock;
  readonly #accounts = new Map<string, Account>();
  readonly #debtors = new Set<Account>();
  /** How many connections use an account: it goes with the last. */
  readonly #users = new Map<string, number>();

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
    const spend = (milliseconds: number): void => this.#spend(own, milliseconds);
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

  #spend(account: Account, milliseconds: number): void {
    this.#settle(account);
    account.left -= milliseconds;
    if (account.left < 0) this.#debtors.add(account);
  }

  #wait(account: Account): number {
    this.#settle(account);
    return account.left >= 0 ? 0 : Math.min(longestWait, Math.ceil(-account.left / this.#rate(account)));
  }

  #rate(account: Account): number {
    return account.left >= 0 ? ordinaryRate : debtorsRate / Math.max(1, this.#debtors.size);
  }

  /** Adds what time has brought since. */
  #settle(account: Account): void {
    const now = this.#clock.monotonic();
    const inDebt = account.left < 0;
    const brought = (now - account.at) * this.#rate(account);
    account.at = now;
    // What is beyond the debt comes at another rate; so little is not worth an equation.
    account.left = inDebt ? Math.min(0, account.left + brought) : Math.min(burst, account.left + brought);
    if (account.left >= 0) this.#debtors.delete(account);
    // Nobody pays longer than that for one deed.
    else account.left = Math.max(account.left, -longestWait * debtorsRate);
  }

  #leave(name: string): void {
    const users = (this.#users.get(name) ?? 1) - 1;
    if (users > 0) return void this.#users.set(name, users);
    this.#users.delete(name);
    const account = this.#accounts.get(name);
    // A debt outlives its connection: a new one would else be a way out of it.
    if (account && this.#wait(account) > 0) return void this.#clock.after(longestWait, () => this.#forget(name));
    this.#forget(name);
  }

  #forget(name: string): void {
    if (this.#users.has(name)) return;
    const account = this.#accounts.get(name);
    if (account) this.#debtors.delete(account);
    this.#accounts.delete(name);
  }
}
