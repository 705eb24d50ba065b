/**
 * A mutex for each key: work on the same key takes turns, first come first served; work on different keys does not
 * wait.
 */
export class KeyedMutex {
  /**
   * The end of each queue; a key is removed when its last work has ended, so the map is as large as what is under way.
   */
  readonly #last = new Map<string, Promise<void>>();

  /** Runs `work` when all earlier work of this key has ended. */
  async run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key) ?? Promise.resolve();
    const result = before.then(work);
    const settled = result.then(ignore, ignore); // the caller gets the failure; the next turn must come
    this.#last.set(key, settled);
    try {
      return await result;
    } finally {
      if (this.#last.get(key) === settled) this.#last.delete(key);
    }
  }
}

function ignore(): void {}
