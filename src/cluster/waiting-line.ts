/**
 * Connections for which there is no worker at the moment. They wait here, unread, so that people whose workers are just being
 * replaced need not come again.
 */
import type { Socket } from "node:net";
import type { Clock } from "../base/clock.ts";
import type { Arrival } from "./underway.ts";

export interface WaitingLineOptions {
  /** How long anybody waits, in milliseconds. */
  readonly maxMs: number;
  /** How many wait at the same time. */
  readonly most: number;
  /** A line of text for people who have to wait. Clients must accept such lines before the server's identification (RFC 4253, 4.2). */
  readonly greeting: string;
  /** Who has waited for too long. */
  readonly giveUp: (socket: Socket, visitor: Arrival) => void;
  readonly clock: Clock;
}

interface Entry {
  readonly socket: Socket;
  readonly visitor: Arrival;
  readonly timer: Disposable;
  readonly onClose: () => void;
}

export class WaitingLine implements Disposable {
  readonly #options: WaitingLineOptions;
  readonly #entries = new Set<Entry>();

  constructor(options: WaitingLineOptions) {
    this.#options = options;
  }

  get length(): number {
    return this.#entries.size;
  }

  /** False when too many wait already; the connection is still the caller's then. */
  add(socket: Socket, visitor: Arrival): boolean {
    const { maxMs, most, greeting, giveUp, clock } = this.#options;
    if (this.#entries.size >= most) return false;
    const timer = clock.after(maxMs, () => {
      if (!this.#entries.has(entry)) return;
      this.#remove(entry);
      giveUp(socket, visitor);
    });
    const entry: Entry = { socket, visitor, timer, onClose: () => this.#leave(entry) };
    this.#entries.add(entry);
    socket.once("close", entry.onClose);
    if (visitor !== "control") socket.write(`${greeting}\r\n`);
    return true;
  }

  /** Takes out everybody who is still there, in the order in which they came. */
  takeAll(): readonly (readonly [Socket, Arrival])[] {
    const all = [...this.#entries];
    for (const entry of all) this.#remove(entry);
    // What was written but could not be sent would be lost when the connection moves to another process.
    const [moving, stuck] = [
      all.filter(({ socket }) => socket.writableLength === 0),
      all.filter(({ socket }) => socket.writableLength > 0),
    ];
    for (const entry of [...stuck, ...moving.filter(({ socket }) => socket.destroyed)]) {
      this.#leave(entry);
      entry.socket.destroy();
    }
    return moving.filter(({ socket }) => !socket.destroyed).map(({ socket, visitor }) => [socket, visitor] as const);
  }

  /** Lets go of all; the connections are closed. */
  [Symbol.dispose](): void {
    for (const entry of this.#entries) {
      this.#leave(entry);
      entry.socket.destroy();
    }
  }

  /** A connection that is gone, or will be, takes no room among those who have not logged in. */
  #leave(entry: Entry): void {
    this.#remove(entry);
    if (entry.visitor !== "control") entry.visitor.settle("left");
  }

  #remove(entry: Entry): void {
    this.#entries.delete(entry);
    entry.socket.off("close", entry.onClose);
    entry.timer[Symbol.dispose]();
  }
}
