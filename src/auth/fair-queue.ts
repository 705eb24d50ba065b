/**
 * Theory of operation: expensive work, a few pieces at a time, in an order that nobody can spoil for others. Networks
 * take turns; within a network its addresses do, within an address the names, and within a name those with the fewest
 * failures go first, and among these the one that has waited longest. So a guesser with many attempts waits for their
 * own attempts, a classroom behind one address shares one turn evenly, and a newcomer overtakes those who have already
 * been wrong. Known pairs of name and address get three turns of four. The queue is bounded, for each name at one
 * address and in all; beyond that the oldest of the most crowded name is refused, since refusing the newest would let
 * whoever keeps the queue full refuse everybody else.
 */
import { UserError } from "../base/errors.ts";

/** The place of a piece of work in the queue. */
export interface Origin {
  /** Network, address, name; the entries of each level take turns. */
  readonly path: readonly string[];
  /** Whether this address has been right about this name before. */
  readonly known: boolean;
  /** How often it was wrong just before, on the same connection. */
  readonly failures: number;
  /** Aborted when nobody waits for the result any more. */
  readonly abandoned?: AbortSignal | undefined;
}

/** The bounds of a queue. */
export interface FairQueueOptions {
  /** Pieces of work at once. */
  readonly inFlight: number;
  /** Pieces that may wait. */
  readonly maxWaiting: number;
  /** Pieces that may wait with the same path. */
  readonly maxOfOne: number;
}

interface Waiter {
  readonly origin: Origin;
  readonly begin: () => void;
  readonly refuse: (error: Error) => void;
}

/** All who wait below a part of a path. */
class Branch {
  count = 0;
  /** In the order of their next turns. */
  readonly children = new Map<string, Branch>();
  /** Only where the path ends. */
  readonly waiters: Waiter[] = [];
}

/** Turns of four that known pairs get while others wait, too. */
const knownTurns = 3;

/** A fair, bounded queue. */
export class FairQueue {
  readonly #options: FairQueueOptions;
  readonly #known = new Branch();
  readonly #strangers = new Branch();
  #running = 0;
  #turn = 0;

  constructor(options: FairQueueOptions) {
    this.#options = options;
  }

  /** Pieces that wait. */
  get length(): number {
    return this.#known.count + this.#strangers.count;
  }

  /** Does the work in its turn. Throws `too-many-logins` when it is refused. */
  async run<T>(origin: Origin, work: () => Promise<T>): Promise<T> {
    if (this.#running < this.#options.inFlight) this.#running += 1;
    // A piece that ends passes its slot on, so `#running` does not change here.
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
    else if (this.length > this.#options.maxWaiting) this.#refuseMostCrowded();
  }

  /** The next piece that somebody still waits for. */
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
    take(known ? this.#known : this.#strangers, along, mostFailures)?.refuse(tooMany());
  }

  #refuseMostCrowded(): void {
    const lane = this.#strangers.count >= this.#known.count ? this.#strangers : this.#known;
    take(lane, maxCrowded, mostFailures)?.refuse(tooMany());
  }
}

/** Removes one waiter from a branch, along the path that `choose` picks. */
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

/** Of those with the fewest failures the one that has waited longest. */
function fewestFailures(waiters: readonly Waiter[]): number {
  const fewest = Math.min(...waiters.map(({ origin }) => origin.failures));
  return waiters.findIndex(({ origin }) => origin.failures === fewest);
}

/** Of those with the most failures the one that has waited longest. */
function mostFailures(waiters: readonly Waiter[]): number {
  const most = Math.max(...waiters.map(({ origin }) => origin.failures));
  return waiters.findIndex(({ origin }) => origin.failures === most);
}

function tooMany(): UserError {
  return new UserError("too-many-logins", "too many people are logging in right now", "Try again in a minute.");
}

function gone(): UserError {
  return new UserError("too-many-logins", "the client has left", "Try again.");
}
