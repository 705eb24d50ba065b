/** A bucket of bytes that fills at a steady rate: output beyond it waits, so that an endless printer costs little. */
export class Throttle implements Disposable {
  readonly #bytesPerSecond: number;
  readonly #open: () => void;
  readonly #burst: number;
  #available: number;
  #last = performance.now();
  #timer: NodeJS.Timeout | undefined;

  /** `open` is called when `blocked` becomes false again. */
  constructor(bytesPerSecond: number, open: () => void) {
    this.#bytesPerSecond = bytesPerSecond;
    this.#open = open;
    // A screenful or two passes at once.
    this.#burst = Math.min(64 * 1024, bytesPerSecond);
    this.#available = this.#burst;
  }

  get blocked(): boolean {
    return this.#timer !== undefined;
  }

  /** Counts bytes that have passed. */
  take(bytes: number): void {
    const now = performance.now();
    this.#available =
      Math.min(this.#burst, this.#available + ((now - this.#last) / 1000) * this.#bytesPerSecond) - bytes;
    this.#last = now;
    if (this.#available >= 0 || this.#timer) return;
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined;
        this.#open();
      },
      (-this.#available / this.#bytesPerSecond) * 1000,
    );
  }

  [Symbol.dispose](): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
