/**
 * Theory of operation: expensive work, a few pieces at a time, in an order that nobody can spoil for others. Networks take turns,
 * within a network its addresses do, within an address the names, and within a name whoever has failed the least goes first, the
 * longest waiting of these before the others. So a guesser with many tries waits for its own tries, a classroom behind one address shares
 * one turn evenly, and who comes afresh overtakes who has been wrong already. Those who are known there get three turns of
 * four. Everything is bounded: of one name at one address so many may wait, and of all; beyond that the oldest of the most
 * crowded goes with an error, since turning away the newest would let whoever keeps the queue full turn away everybody else.
 */
import { UserError } from "../base/errors.ts";

/** Whose work it is. */
export interface Origin {
  /** Network, address, name: those of each level take turns. */
  readonly path: readonly string[];
  /** This address has been right about this name before. */
  readonly known: boolean;
  /** How often it was wrong just before, on the same connection. */
  readonly failures: number;
  /** Nobody waits for it any more. */
  readonly abandoned?: AbortSignal | undefined;
}

export interface FairQueueOptions {
  /** Pieces of work at once. */
  readonly inFlight: number;
  /** Most that wait. */
  readonly longest: number;
  /** Most that wait with the same path. */
  readonly maxOfOne: number;
}

interface Waiter {
  readonly origin: Origin;
  readonly begin: () => void;
  readonly refuse: (error: Error) => void;
}

/** All who wait below a part of the path. */
class Branch {
  count = 0;
  /** In the order of the next turn. */
  readonly children = new Map<string, Branch>();
  /** Only where the path ends. */
  readonly waiters: Waiter[] = [];
}

/** Of four turns those who are known get so many, while others wait, too. */
const knownTurns = 3;

export class FairQueue {
  readonly #options: FairQueueOptions;
  readonly #known = new Branch();
  readonly #strangers = new Branch();
  #running = 0;
  #turn = 0;

  constructor(options: FairQueueOptions) {
    this.#options = options;
  }

  /** How many wait. */
  get length(): number {
    return this.#known.count + this.#strangers.count;
  }

  /** Does the work in its turn. Throws `too-many-logins` when there is no room for it, or no longer. */
  async run<T>(origin: Origin, work: () => Promise<T>): Promise<T> {
    if (this.#running < this.#options.inFlight) this.#running += 1;
    // Whoever finishes hands its place over, so `#running` does not change here.
    else await new Promise<void>((begin, refuse) => this.#add({ origin, begin, refuse }));
    try {
      return await work();
    } finally {
      const next = this.#next();
      if (next) next.begin();
      else this.#running -= 1;
    }
  }

  #add(waiter: Waiter): void {
    const { path, known } = waiter.origin;
    let branch = known ? this.#known : this.#strangers;
    const way = [branch];
    for (const part of path) {
      const child: Branch = branch.children.get(part) ?? new Branch();
      branch.children.set(part, child);
      way.push(child);
      branch = child;
    }
    branch.waiters.push(waiter);
    for (const passed of way) passed.count += 1;
    if (branch.count > this.#options.maxOfOne) this.#refuse(known, path);
    else if (this.length > this.#options.longest) this.#refuseMostCrowded();
  }

  /** The next whose work somebody still waits for. */
  #next(): Waiter | undefined {
    for (;;) {
      this.#turn = (this.#turn + 1) % (knownTurns + 1);
      const [first, second] = this.#turn === 0 ? [this.#strangers, this.#known] : [this.#known, this.#strangers];
      const waiter = take(first, nextTurn, fewestFailures) ?? take(second, nextTurn, fewestFailures);
      if (!waiter?.origin.abandoned?.aborted) return waiter;
      waiter.refuse(gone());
    }
  }

  #refuse(known: boolean, path: readonly string[]): void {
    const rest = [...path];
    const along = (branch: Branch): string => rest.shift() ?? nextTurn(branch);
    take(known ? this.#known : this.#strangers, along, maxFailures)?.refuse(tooMany());
  }

  #refuseMostCrowded(): void {
    const lane = this.#strangers.count >= this.#known.count ? this.#strangers : this.#known;
    take(lane, maxCrowded, maxFailures)?.refuse(tooMany());
  }
}

/** Takes one waiter out of a branch, down the way that `choose` tells. */
function take(
  branch: Branch,
  choose: (branch: Branch) => string,
  pick: (waiters: readonly Waiter[]) => number,
): Waiter | undefined {
  if (branch.count === 0) return undefined;
  branch.count -= 1;
  if (branch.children.size === 0) return branch.waiters.splice(pick(branch.waiters), 1)[0];
  const part = choose(branch);
  const child = branch.children.get(part);
  if (!child) return undefined;
  branch.children.delete(part);
  if (child.count > 1) branch.children.set(part, child); // as the last: it has had its turn
  return take(child, choose, pick);
}

function nextTurn(branch: Branch): string {
  const [part = ""] = branch.children.keys();
  return part;
}

function maxCrowded(branch: Branch): string {
  let crowded: readonly [string, number] = ["", 0];
  for (const [part, { count }] of branch.children) if (count > crowded[1]) crowded = [part, count];
  return crowded[0];
}

/** The longest waiting of those who failed the least. */
function fewestFailures(waiters: readonly Waiter[]): number {
  const fewest = Math.min(...waiters.map(({ origin }) => origin.failures));
  return waiters.findIndex(({ origin }) => origin.failures === fewest);
}

/** The longest waiting of those who failed the most. */
function maxFailures(waiters: readonly Waiter[]): number {
  const most = Math.max(...waiters.map(({ origin }) => origin.failures));
  return waiters.findIndex(({ origin }) => origin.failures === most);
}

function tooMany(): UserError {
  return new UserError("too-many-logins", "too many people are logging in right now", "Try again in a minute.");
}

function gone(): UserError {
  return new UserError("too-many-logins", "the client has left", "Try again.");
}
