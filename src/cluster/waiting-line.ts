/**
 * Connections for which there is no worker at present. They wait here, unread, so that people whose workers are being
 * replaced need not connect again.
 */
import type { Socket } from "node:net";
import type { Clock } from "../base/clock.ts";
import type { Arrival } from "./underway.ts";

/** Bounds, and what those who wait are told. */
export interface WaitingLineOptions {
  /** How long a connection waits. */
  readonly maxMs: number;
  /** Connections that may wait at the same time. */
  readonly maxWaiting: number;
  /**
   * A line of text for people who have to wait. Clients must accept such lines before the server's identification (RFC
   * 4253, 4.2).
   */
  readonly greeting: string;
  /** Called with a connection that has waited too long. */
  readonly giveUp: (socket: Socket, visitor: Arrival) => void;
  readonly clock: Clock;
}

interface Entry {
  readonly socket: Socket;
  readonly visitor: Arrival;
  readonly timer: Disposable;
  readonly onClose: () => void;
}

/** A line of connections. */
export class WaitingLine implements Disposable {
  readonly #options: WaitingLineOptions;
  readonly #entries = new Set<Entry>();

  constructor(options: WaitingLineOptions) {
    this.#options = options;
  }

  get length(): number {
    return this.#entries.size;
  }

  /** Adds a connection; false when too many wait already: then it still belongs to the caller. */
  add(socket: Socket, visitor: Arrival): boolean {
    const { maxMs, maxWaiting, greeting, giveUp, clock } = this.#options;
    if (this.#entries.size >= maxWaiting) return false;
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

  /** Removes all that are still connected, in the order in which they came. */
  takeAll(): readonly (readonly [Socket, Arrival])[] {
    const all = [...this.#entries];
    for (const entry of all) this.#remove(entry);
    // What was written and not yet sent would be lost when the connection moves to another process.
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

  /** Closes all connections. */
  [Symbol.dispose](): void {
    for (const entry of this.#entries) {
      this.#leave(entry);
      entry.socket.destroy();
    }
  }

  /** Ends a ticket: a connection that is gone no longer counts among those that have not logged in. */
  #leave(entry: Entry): void {
    this.#remove(entry);
    if (entry.visitor !== "control") entry.visitor.end("left");
  }

  #remove(entry: Entry): void {
    this.#entries.delete(entry);
    entry.socket.off("close", entry.onClose);
    entry.timer[Symbol.dispose]();
  }
}
