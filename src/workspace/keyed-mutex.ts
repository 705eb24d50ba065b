/** Work on the same thing takes turns, in the order it came; work on different things does not wait. */
export class KeyedMutex {
  /** The end of each queue; a key is forgotten when its last work has ended, so the map holds only what is under way. */
  readonly #last = new Map<string, Promise<void>>();

  async run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key) ?? Promise.resolve();
    const result = before.then(work);
    const settled = result.then(ignore, ignore); // the caller gets the failure; the next turn comes all the same
    this.#last.set(key, settled);
    try {
      return await result;
    } finally {
      if (this.#last.get(key) === settled) this.#last.delete(key);
    }
  }
}

function ignore(): void {}
