/** What is done in order, and held back while a console is paused. Bounded by the window of the jail's output. */
export class HeldWork {
  #held: (() => void)[] = [];
  #paused = false;

  /** Does it now, or after what is held back. */
  do(work: () => void): void {
    if (this.#paused) this.#held.push(work);
    else work();
  }

  /** Holds back what comes. */
  pause(): void {
    this.#paused = true;
  }

  /** Does what was held back, until that pauses it again. */
  resume(): void {
    this.#paused = false;
    for (let next = this.#held.shift(); next; next = this.#held.shift()) {
      next();
      if (this.#paused) return;
    }
  }

  /** Forgets what is held back. */
  clear(): void {
    this.#held = [];
  }
}
