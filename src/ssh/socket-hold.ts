import type { Socket } from "node:net";

/** Stops reading a socket for several reasons at once; it is read again when none is left. */
export class SocketHold {
  readonly #socket: Socket;
  readonly #reasons = new Set<string>();

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Whether the socket is held for this reason. */
  has(reason: string): boolean {
    return this.#reasons.has(reason);
  }

  hold(reason: string): void {
    this.#reasons.add(reason);
    this.#socket.pause();
  }

  release(reason: string): void {
    if (this.#reasons.delete(reason) && this.#reasons.size === 0) this.#socket.resume();
  }
}
