import { windowBytes } from "./protocol.ts";

/** Bytes after which an acknowledgement is sent: few enough that a window never fills with what was taken and not acknowledged. */
export const acknowledgedAtOnce = windowBytes / 4;

/**
 * Acknowledges bytes in sums. A client that waits for an answer to each of its requests, as sftp does for each file, would otherwise pay for a
 * message and a turn of both event loops with every one of them. What is left over is never acknowledged, and need not be.
 */
export class SummedAcks {
  readonly #send: (bytes: number) => void;
  #sum = 0;

  constructor(send: (bytes: number) => void) {
    this.#send = send;
  }

  /** Bytes were taken. */
  add(bytes: number): void {
    this.#sum += bytes;
    if (this.#sum < acknowledgedAtOnce) return;
    this.#send(this.#sum);
    this.#sum = 0;
  }
}
