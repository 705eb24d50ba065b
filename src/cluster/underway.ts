/**
 * Connections on their way to a worker. Theory of operation: a socket that was sent stays in the channel until the
 * worker reads it, and is lost with a worker that dies before: its client's connection would be reset. So this process
 * keeps its own descriptor, which it never reads from, until the worker says that it has the connection. Connections
 * arrive in the order of their numbers.
 */
import type { Socket } from "node:net";
import type { Ticket } from "../ssh/startups.ts";

/** A person's connection, with its ticket, or a command on the server's own machine. */
export type Arrival = Ticket | "control";

/** A connection that was sent to a worker. */
export interface Handed {
  readonly visitor: Arrival;
  readonly socket: Socket;
}

/** Connections under way, bounded by the number of tickets (`ssh.maxStartups`). */
export class Underway {
  /** In the order of their numbers. */
  readonly #all = new Map<number, Handed>();
  #last = 0;

  /** How many of them are people's. */
  get people(): number {
    let count = 0;
    for (const { visitor } of this.#all.values()) if (visitor !== "control") count += 1;
    return count;
  }

  /** Keeps a connection that is being sent; returns its number. */
  add(handed: Handed): number {
    this.#all.set((this.#last += 1), handed);
    return this.#last;
  }

  /**
   * Notes that the worker has this one: its socket here is closed, which the client does not notice. Returns earlier
   * ones, which were lost on the way.
   */
  received(number: number): readonly Handed[] {
    this.take(number)?.socket.destroy();
    const before = [...this.#all.keys()].filter((each) => each < number);
    return before.flatMap((each) => this.take(each) ?? []);
  }

  /** Removes one, which then belongs to the caller. */
  take(number: number): Handed | undefined {
    const handed = this.#all.get(number);
    this.#all.delete(number);
    return handed;
  }

  /** Removes all, in their order. */
  takeAll(): readonly Handed[] {
    const all = [...this.#all.values()];
    this.#all.clear();
    return all;
  }
}
