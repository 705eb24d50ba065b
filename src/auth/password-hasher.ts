/**
 * bcrypt in a bounded queue. Each hash occupies one of Node.js's few pool threads for about 50 ms; unbounded, sixty
 * logins at once stall every file operation of the process for more than a second, so two run at a time (measured:
 * docs/performance.md) and the rest wait here, outside of the pool.
 */
import bcrypt from "bcrypt";
import { UserError } from "../base/errors.ts";

export interface HasherOptions {
  /** bcrypt's cost: each step doubles the time. 10 is about 50 ms. */
  readonly cost: number;
  /** Hashes at once. */
  readonly inFlight?: number;
  /** Most callers waiting; at cost 10 the last of 500 waits for 12 seconds. */
  readonly longestQueue?: number;
}

/**
 * The cost for initial passwords. A slow hash protects what people choose; a random password of 79 bits can't be guessed
 * however cheap a guess is (at a million million guesses a second: ten thousand years), and a term starts with hundreds of them.
 */
const initialCost = 5;

/** bcrypt ignores what comes after this many bytes, so nothing longer is ever accepted. */
export const longestPasswordBytes = 72;

export class PasswordHasher {
  readonly #cost: number;
  readonly #initialCost: number;
  readonly #inFlight: number;
  readonly #longestQueue: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;
  #comparisons = 0;

  constructor(options: HasherOptions) {
    this.#cost = options.cost;
    this.#initialCost = Math.min(options.cost, initialCost);
    this.#inFlight = options.inFlight ?? 2;
    this.#longestQueue = options.longestQueue ?? 500;
  }

  /** How many comparisons were made, dummies included: equal work for unknown names is tested by this. */
  get comparisons(): number {
    return this.#comparisons;
  }

  /** Callers that wait for their turn. */
  get queued(): number {
    return this.#waiting.length;
  }

  /** Throws `too-many-logins` when the queue is full. */
  async hash(password: string): Promise<string> {
    return await this.#inTurn(() => bcrypt.hash(normal(password), this.#cost));
  }

  /** The same for a random password of `generatePassword`, and for no other: it is fast. */
  async hashInitial(password: string): Promise<string> {
    return await this.#inTurn(() => bcrypt.hash(normal(password), this.#initialCost));
  }

  /**
   * Whether the password belongs to the hash. Without a hash (there is no such account) it does the same work and
   * answers false. Throws `too-many-logins` when the queue is full.
   */
  async matches(password: string, hash: string | undefined): Promise<boolean> {
    this.#comparisons += 1;
    const known = hash ?? dummy(this.#cost);
    // One comparison of each cost, whichever the hash has: otherwise the time would tell who has never logged in.
    const other = dummy(bcrypt.getRounds(known) === this.#initialCost ? this.#cost : this.#initialCost);
    const equal = await this.#inTurn(async () => {
      const result = await bcrypt.compare(normal(password), known);
      await bcrypt.compare(normal(password), other);
      return result;
    });
    // bcrypt would take a right beginning of 72 bytes for the whole.
    return equal && hash !== undefined && Buffer.byteLength(normal(password)) <= longestPasswordBytes;
  }

  /** Whether the hash was made with another cost than is set now. */
  isOutdated(hash: string): boolean {
    return bcrypt.getRounds(hash) !== this.#cost;
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#inFlight) {
      if (this.#waiting.length >= this.#longestQueue) {
        throw new UserError("too-many-logins", "too many people are logging in at this moment", "Try again in a minute.");
      }
      // Whoever finishes hands its place over, so `#running` does not change here.
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else {
      this.#running += 1;
    }
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running -= 1;
    }
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
