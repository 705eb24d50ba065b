/** So many of something for each owner, in all processes together: place 2 of Ada is the lock `slot:ada/2`, so it ends with its process. */
import { UserError } from "../base/errors.ts";
import type { LockManager } from "./lock-manager.ts";

export class Slots {
  readonly #locks: LockManager;
  readonly #most: number;

  /** `most` for each owner. */
  constructor(locks: LockManager, most: number) {
    this.#locks = locks;
    this.#most = most;
  }

  /** A place until it is disposed of; undefined when all are taken. Without the database nobody counts for all. */
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
