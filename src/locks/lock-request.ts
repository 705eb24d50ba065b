/** One call of `acquire` until it is answered. */
import type { Lock } from "./lock.ts";
import type { Holder } from "./lock-table.ts";

/** A request for a lock. */
export class LockRequest {
  /** Number of the request in this process; never reused. */
  readonly id: number;
  readonly name: string;
  /** Name in the tables. */
  readonly key: string;
  readonly owner: string;
  /** Who had the lock, as of the last answer. */
  holder: Holder | undefined;
  /**
   * Whether it has been in a queue, or others were seen behind it: there may be waiters that nobody will announce
   * again.
   */
  wasQueued = false;
  /** Resolves, never rejects, when no statement about this request is under way. */
  sending: Promise<void> = Promise.resolve();
  /** Statements about this request under way. */
  statements = 0;
  readonly answered: Promise<Lock>;
  #resolve: (lock: Lock) => void = () => undefined;
  #reject: (error: unknown) => void = () => undefined;

  constructor(what: { readonly id: number; readonly name: string; readonly key: string; readonly owner: string }) {
    this.id = what.id;
    this.name = what.name;
    this.key = what.key;
    this.owner = what.owner;
    this.answered = new Promise<Lock>((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // A request can fail before anybody awaits it.
    this.answered.catch(() => undefined);
  }

  grant(lock: Lock): void {
    this.#resolve(lock);
  }

  fail(error: unknown): void {
    this.#reject(error);
  }
}
