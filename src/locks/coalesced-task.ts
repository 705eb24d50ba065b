/** Work that may be asked for at any moment, runs once at a time, and once more when it was asked for while it ran. */
export class CoalescedTask {
  readonly #work: () => Promise<void>;
  readonly #onError: (error: unknown) => void;
  #asked = false;
  #busy = false;
  #running: Promise<void> = Promise.resolve();
  #closed = false;

  /** What `work` throws goes to `onError`, and the rest goes on. */
  constructor(work: () => Promise<void>, onError: (error: unknown) => void) {
    this.#work = work;
    this.#onError = onError;
  }

  ask(): void {
    if (this.#closed) return;
    this.#asked = true;
    if (!this.#busy) this.#running = this.#run();
  }

  /** Nothing begins any more; resolves when what runs has ended. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#running;
  }

  async #run(): Promise<void> {
    this.#busy = true;
    try {
      while (this.#asked && !this.#closed) {
        this.#asked = false;
        try {
          await this.#work();
        } catch (error) {
          this.#onError(error);
        }
      }
    } finally {
      this.#busy = false; // in the same moment in which nothing more was asked for
    }
  }
}
