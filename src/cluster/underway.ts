/**
 * Connections on their way to a worker. Theory of operation: a socket that was sent lies in the channel until the worker reads it,
 * and is gone with a worker that dies before: its client would be reset. So this process keeps a descriptor of its own, which it
 * never reads from, until the worker says that it has the connection. They get there in the order of their numbers.
 */
import type { Socket } from "node:net";
import type { Ticket } from "../ssh/startups.ts";

/** What a person's client has opened, with its ticket, or a command on the server's own machine. */
export type Arrival = Ticket | "control";

export interface Handed {
  readonly visitor: Arrival;
  readonly socket: Socket;
}

/** Bounded by the tickets there are (`ssh.maxStartups`). */
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

  /** Keeps a connection that is sent now; returns its number. */
  add(handed: Handed): number {
    this.#all.set((this.#last += 1), handed);
    return this.#last;
  }

  /** The worker has got this one: what is left of it here is closed, which the client does not notice. Returns those before it, which were lost on the way. */
  received(number: number): readonly Handed[] {
    this.take(number)?.socket.destroy();
    const before = [...this.#all.keys()].filter((each) => each < number);
    return before.flatMap((each) => this.take(each) ?? []);
  }

  /** Takes one out; it is the caller's then. */
  take(number: number): Handed | undefined {
    const handed = this.#all.get(number);
    this.#all.delete(number);
    return handed;
  }

  /** Takes all out, in their order. */
  takeAll(): readonly Handed[] {
    const all = [...this.#all.values()];
    this.#all.clear();
    return all;
  }
}
