/** Bytes a terminal was sent and has not confirmed: how screens notice a slow line, and when it has caught up. */

/** From here on a terminal counts as behind, and below it as caught up: `Terminal.onDrain` fires. Bytes. */
export const drainLevel = 64 << 10;

export class Acknowledgements {
  readonly #queued: () => number;
  /** Sent, and not confirmed. */
  #travelling = 0;
  #behind = false;

  /** `queued`: bytes that wait to be sent; they count, too. */
  constructor(queued: () => number = () => 0) {
    this.#queued = queued;
  }

  get unacknowledged(): number {
    return this.#travelling + this.#queued();
  }

  sent(bytes: number): void {
    this.#travelling += bytes;
    this.look();
  }

  /** Something was queued. */
  look(): void {
    if (this.unacknowledged >= drainLevel) this.#behind = true;
  }

  /** The terminal confirms so many bytes; true when it has caught up by that. A peer that confirms too much gains nothing. */
  arrived(bytes: number): boolean {
    this.#travelling = Math.max(0, this.#travelling - bytes);
    if (!this.#behind || this.unacknowledged >= drainLevel) return false;
    this.#behind = false;
    return true;
  }
}
