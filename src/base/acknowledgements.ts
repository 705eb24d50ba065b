/**
 * Bytes sent to a terminal and not yet confirmed: how screens notice that a line is slow, and that it has caught up.
 */

/**
 * Unacknowledged bytes from which a terminal counts as behind; below it has caught up, and `Terminal.onDrain` fires.
 */
export const drainLevel = 64 << 10;

/** A count of the bytes on their way to one terminal. */
export class Acknowledgements {
  readonly #queued: () => number;
  /** Sent and not confirmed. */
  #travelling = 0;
  #behind = false;

  /** `queued`: bytes that wait to be sent; they count as well. */
  constructor(queued: () => number = () => 0) {
    this.#queued = queued;
  }

  /** Bytes on their way: sent and not confirmed, or queued. */
  get unacknowledged(): number {
    return this.#travelling + this.#queued();
  }

  /** Counts bytes that were handed to the connection. */
  sent(bytes: number): void {
    this.#travelling += bytes;
    this.update();
  }

  /** Counts what is queued; called after something was queued. */
  update(): void {
    if (this.unacknowledged >= drainLevel) this.#behind = true;
  }

  /**
   * Counts bytes that the terminal confirmed; true when it has caught up by that. A peer that confirms too much gains
   * nothing.
   */
  arrived(bytes: number): boolean {
    this.#travelling = Math.max(0, this.#travelling - bytes);
    if (!this.#behind || this.unacknowledged >= drainLevel) return false;
    this.#behind = false;
    return true;
  }
}
