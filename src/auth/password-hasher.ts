/**
 * bcrypt in a bounded queue. Each hash occupies one of Node.js's few pool threads for about 50 ms; unbounded, sixty
 * logins at once stall every file operation of the process for more than a second, so two run at a time (measured:
 * docs/performance.md) and the rest wait here, outside of the pool, in an order that is fair (fair-queue.ts).
 */
import bcrypt from "bcrypt";
import { FairQueue, type Origin } from "./fair-queue.ts";

export interface HasherOptions {
  /** bcrypt's cost: each step doubles the time. 10 is about 50 ms. */
  readonly cost: number;
  /** Hashes at once. */
  readonly inFlight?: number;
  /** Most callers waiting; at cost 10 the last of 500 waits for 12 seconds. */
  readonly maxQueue?: number;
}

/**
 * Tries with one name from one address that may wait: at 50 ms each, two at a time, the last of them waits for less than two
 * seconds. A class that shares one account (a demonstration, a benchmark) still gets in.
 */
const maxOfOne = 64;
/** Work that nobody outside asked for. */
const ownWork: Origin = { path: ["", "", ""], known: true, failures: 0 };

/**
 * The cost for initial passwords. A slow hash protects what people choose; a random password of 79 bits can't be guessed
 * however cheap a guess is (at a million million guesses a second: ten thousand years), and a term starts with hundreds of them.
 */
const initialCost = 5;

/** bcrypt ignores what comes after this many bytes, so nothing longer is ever accepted. */
export const maxPasswordBytes = 72;

export class PasswordHasher {
  readonly #cost: number;
  readonly #initialCost: number;
  readonly #queue: FairQueue;
  #comparisons = 0;

  constructor(options: HasherOptions) {
    this.#cost = options.cost;
    this.#initialCost = Math.min(options.cost, initialCost);
    this.#queue = new FairQueue({
      inFlight: options.inFlight ?? 2,
      longest: options.maxQueue ?? 500,
      maxOfOne: options.maxQueue ?? maxOfOne,
    });
  }

  /** How many comparisons were made, dummies included: equal work for unknown names is tested by this. */
  get comparisons(): number {
    return this.#comparisons;
  }

  /** Callers that wait for their turn. */
  get queued(): number {
    return this.#queue.length;
  }

  /** Throws `too-many-logins` when the queue is full. */
  async hash(password: string, origin = ownWork): Promise<string> {
    return await this.#queue.run(origin, () => bcrypt.hash(normal(password), this.#cost));
  }

  /** The same for a random password of `generatePassword`, and for no other: it is fast. */
  async hashInitial(password: string): Promise<string> {
    return await this.#queue.run(ownWork, () => bcrypt.hash(normal(password), this.#initialCost));
  }

  /**
   * Whether the password belongs to the hash. Without a hash (there is no such account) it does the same work and
   * answers false. Throws `too-many-logins` when the queue is full.
   */
  async matches(password: string, hash: string | undefined, origin = ownWork): Promise<boolean> {
    this.#comparisons += 1;
    const known = hash ?? dummy(this.#cost);
    // One comparison of each cost, whichever the hash has: otherwise the time would tell who has never logged in.
    const other = dummy(bcrypt.getRounds(known) === this.#initialCost ? this.#cost : this.#initialCost);
    const equal = await this.#queue.run(origin, async () => {
      const result = await bcrypt.compare(normal(password), known);
      await bcrypt.compare(normal(password), other);
      return result;
    });
    // bcrypt would take a right beginning of 72 bytes for the whole.
    return equal && hash !== undefined && Buffer.byteLength(normal(password)) <= maxPasswordBytes;
  }

  /** Whether the hash was made with another cost than is set now. */
  isOutdated(hash: string): boolean {
    return bcrypt.getRounds(hash) !== this.#cost;
  }
}

/** A well-formed hash that no password is known for: comparing with it costs what any comparison of that cost does. */
function dummy(cost: number): string {
  return `$2b$${String(cost).padStart(2, "0")}$${"classhNoSuchAccount".padEnd(22, "x")}${"y".repeat(31)}`;
}

/** The same letters are typed as one character or as two, depending on the system; NFC makes them equal. */
function normal(password: string): string {
  return password.normalize("NFC");
}
