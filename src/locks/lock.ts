/** A lock, from its acquisition to its release or loss. */
import { Emitter, type Event } from "../base/events.ts";
import type { Holder } from "./lock-table.ts";
import { lockLost, type Loss } from "./refusals.ts";

/** Somebody who waits for a lock. */
export interface Waiter {
  /** Unique among all processes. */
  readonly id: string;
  /** As given to `acquire`. */
  readonly owner: string;
}

/** A lock that was acquired; disposing releases it. */
export interface Lock extends AsyncDisposable {
  readonly name: string;
  /** Grows with every acquisition of the same name, by whomever. */
  readonly token: number;
  /** Whether nobody else can have the lock, by this process's clock; also right after the process was suspended. */
  readonly held: boolean;
  /** Aborted when the lock is lost, with a UserError `lock-lost` as reason; not when it is released. */
  readonly lost: AbortSignal;
  readonly lostBecause: Loss | undefined;
  /** Those who wait for it, as far as this process knows. */
  readonly waiters: readonly Waiter[];
  /** Fires when somebody begins to wait: the holder may be asked to hand over. */
  readonly onWanted: Event<Waiter>;
  /** Fires when somebody stops waiting, or died. */
  readonly onUnwanted: Event<Waiter>;
  /**
   * Gives the lock to whoever is next; safe to call more than once and after a loss. Never rejects: while the database
   * is out of reach, the lock is given up as soon as it is back.
   */
  release(): Promise<void>;
}

/** How long to wait for a lock, and for whom. */
export interface AcquireOptions {
  /** Who asks, for others to read: any text of at most 1000 bytes. */
  readonly owner: string;
  /** Time after which to give up with a UserError `in-use`; without it there is no limit. */
  readonly deadlineMs?: number | undefined;
  /** Aborted to give up, with its reason. */
  readonly signal?: AbortSignal | undefined;
}

/** The lock, or who has it. */
export type LockAttempt =
  | { readonly lock: Lock; readonly holder?: undefined }
  | { readonly lock?: undefined; readonly holder: Holder };

/** The manager, as a lock needs it. */
export interface LockHome {
  readonly live: boolean;
  release(lock: HeldLock): Promise<void>;
}

/** A lock that the manager gave out. */
export class HeldLock implements Lock {
  readonly name: string;
  /** Name in the tables. */
  readonly key: string;
  readonly request: number;
  readonly node: string;
  readonly token: number;
  readonly owner: string;
  readonly since: Date;
  readonly #home: LockHome;
  readonly #lost = new AbortController();
  readonly #wanted = new Emitter<Waiter>();
  readonly #unwanted = new Emitter<Waiter>();
  readonly #waiters = new Map<string, Waiter>();
  #waiterChanges = 0;
  #lostBecause: Loss | undefined;
  #released: Promise<void> | undefined;

  constructor(home: LockHome, what: Pick<HeldLock, "name" | "key" | "request" | "node" | "token" | "owner" | "since">) {
    this.#home = home;
    this.name = what.name;
    this.key = what.key;
    this.request = what.request;
    this.node = what.node;
    this.token = what.token;
    this.owner = what.owner;
    this.since = what.since;
  }

  get held(): boolean {
    return !this.#released && !this.#lostBecause && this.#home.live;
  }

  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  get lostBecause(): Loss | undefined {
    return this.#lostBecause;
  }

  get waiters(): readonly Waiter[] {
    return [...this.#waiters.values()];
  }

  /** For the manager: changes of `waiters` so far, so that an old answer does not undo newer news. */
  get waiterChanges(): number {
    return this.#waiterChanges;
  }

  get onWanted(): Event<Waiter> {
    return this.#wanted.on;
  }

  get onUnwanted(): Event<Waiter> {
    return this.#unwanted.on;
  }

  release(): Promise<void> {
    this.#released ??= this.#lostBecause ? Promise.resolve() : this.#home.release(this);
    return this.#released;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.release();
  }

  /** For the manager: marks the lock as lost. */
  lose(because: Loss): void {
    if (this.#lostBecause || this.#released) return;
    this.#lostBecause = because;
    this.#lost.abort(lockLost(because));
  }

  /** For the manager: replaces the waiters. */
  setWaiters(waiters: readonly Waiter[]): void {
    const ids = new Set(waiters.map(({ id }) => id));
    for (const id of this.#waiters.keys()) if (!ids.has(id)) this.removeWaiter(id);
    for (const waiter of waiters) this.addWaiter(waiter);
  }

  /** For the manager: adds one waiter. */
  addWaiter(waiter: Waiter): void {
    if (this.#released || this.#lostBecause || this.#waiters.has(waiter.id)) return;
    this.#waiters.set(waiter.id, waiter);
    this.#waiterChanges += 1;
    this.#wanted.emit(waiter);
  }

  /** For the manager: removes one waiter. */
  removeWaiter(id: string): void {
    // Counts even if the waiter is not known: an answer on its way may still name it.
    this.#waiterChanges += 1;
    const waiter = this.#waiters.get(id);
    if (!waiter) return;
    this.#waiters.delete(id);
    this.#unwanted.emit(waiter);
  }
}
