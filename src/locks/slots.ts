/**
 * A number of slots for each owner, counted over all processes: slot 2 of Ada is the lock `slot:ada/2`, so it ends with
 * its process.
 */
import { UserError } from "../base/errors.ts";
import type { LockManager } from "./lock-manager.ts";

/** Slots that all processes of a class share. */
export class Slots {
  readonly #locks: LockManager;
  readonly #most: number;

  /** `max` slots for each owner. */
  constructor(locks: LockManager, most: number) {
    this.#locks = locks;
    this.#most = most;
  }

  /** A slot until it is disposed of; undefined when all are taken. Without the database slots are not counted. */
  async take(owner: string): Promise<AsyncDisposable | undefined> {
    try {
      for (let place = 1; place <= this.#most; place++) {
        const { lock } = await this.#locks.tryAcquire(`slot:${owner}/${place}`, { owner });
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
