/**
 * A number of slots for each owner, counted over all processes: slot 2 of Ada is the lock `slot:ada/2`, so it ends with
 * its process.
 */
import { UserError } from "../base/errors.ts";
import type { LockManager } from "./lock-manager.ts";

/** Slots that all processes of a class share. */
export class Slots {
  readonly #locks: LockManager;
  readonly #max: number;

  /** `max` slots for each owner. */
  constructor(locks: LockManager, max: number) {
    this.#locks = locks;
    this.#max = max;
  }

  /** A slot until it is disposed of; undefined when all are taken. Without the database slots are not counted. */
  async take(owner: string): Promise<AsyncDisposable | undefined> {
    try {
      for (let slot = 1; slot <= this.#max; slot++) {
        const { lock } = await this.#locks.tryAcquire(`slot:${owner}/${slot}`, { owner });
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
