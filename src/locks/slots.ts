/**
 * A number of slots for each owner, counted over all processes: Ada's second run is the lock `slot:ada/2`, so it ends
 * with its process.
 */
import { UserError } from "../base/errors.ts";
import type { LockManager } from "./lock-manager.ts";

/** Slots that all processes of a class share. */
export class Slots {
  readonly #locks: LockManager;
  readonly #kind: string;
  readonly #max: number;

  /** `max` slots for each owner; `kind` is what their locks are called. */
  constructor(locks: LockManager, { kind, max }: { readonly kind: string; readonly max: number }) {
    this.#locks = locks;
    this.#kind = kind;
    this.#max = max;
  }

  /** A slot until it is disposed of; undefined when all are taken. Without the database slots are not counted. */
  async take(owner: string): Promise<AsyncDisposable | undefined> {
    try {
      for (let slot = 1; slot <= this.#max; slot++) {
        const { lock } = await this.#locks.tryAcquire(`${this.#kind}:${owner}/${slot}`, { owner });
        if (lock) return lock;
      }
      return undefined;
    } catch (error) {
      if (error instanceof UserError && error.code === "database-unavailable") return uncounted;
      throw error;
    }
  }
}

const uncounted: AsyncDisposable = { [Symbol.asyncDispose]: () => Promise.resolve() };
