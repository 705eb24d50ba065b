/**
 * Work that may be requested at any moment: it runs once at a time, and once more when it was requested while it ran.
 */
export class CoalescedTask {
  readonly #work: () => Promise<void>;
  readonly #onError: (error: unknown) => void;
  #asked = false;
  #busy = false;
  #running: Promise<void> = Promise.resolve();
  #closed = false;

  /** What `work` throws goes to `onError`; later requests are served. */
  constructor(work: () => Promise<void>, onError: (error: unknown) => void) {
    this.#work = work;
    this.#onError = onError;
  }

  /** Requests the work. */
  ask(): void {
    if (this.#closed) return;
    this.#asked = true;
    if (!this.#busy) this.#running = this.#run();
  }

  /** Begins nothing more; resolves when what runs has ended. */
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
      this.#busy = false; // at once, so that no request comes between the last check and this
    }
  }
}
