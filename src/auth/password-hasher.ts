/**
 * bcrypt in a bounded queue. Each hash occupies one of Node.js's few pool threads for about 50 ms; unbounded, sixty
 * logins at once stall every file operation of the process for more than a second, so two run at a time (measured:
 * docs/performance.md) and the rest wait here, outside the pool, in a fair order (fair-queue.ts).
 */
import bcrypt from "bcrypt";
import { FairQueue, type Origin } from "./fair-queue.ts";

/** The cost and the bounds of hashing. */
export interface HasherOptions {
  /** bcrypt's cost: each step doubles the time; 10 is about 50 ms. */
  readonly cost: number;
  /** Hashes computed at once; default 2. */
  readonly inFlight?: number;
  /** Callers that may wait; default 500, the last of whom waits 12 seconds at cost 10. */
  readonly maxQueue?: number;
}

/**
 * Attempts for one name from one address that may wait: at 50 ms each, two at a time, the last of them waits less than
 * two seconds. A class that shares one account (a demonstration, a benchmark) still gets in.
 */
const maxOfOne = 64;
/** The origin of work that no login waits for. */
const ownWork: Origin = { path: ["", "", ""], known: true, failures: 0 };

/**
 * Cost for initial passwords. A slow hash protects what people choose; a random password of 79 bits can't be guessed
 * however cheap a guess is (at a million million guesses a second: ten thousand years), and a term starts with hundreds
 * of them.
 */
const initialCost = 5;

/** bcrypt ignores everything after this many bytes, so nothing longer is accepted. */
export const maxPasswordBytes = 72;

/** Computes and compares hashes of passwords. */
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
      maxWaiting: options.maxQueue ?? 500,
      maxOfOne: options.maxQueue ?? maxOfOne,
    });
  }

  /** Comparisons made so far, dummies included, for the test that unknown names cost the same. */
  get comparisons(): number {
    return this.#comparisons;
  }

  /** Callers that wait. */
  get queued(): number {
    return this.#queue.length;
  }

  /** The hash of a password. Throws `too-many-logins` when the queue is full. */
  async hash(password: string, origin = ownWork): Promise<string> {
    return await this.#queue.run(origin, () => bcrypt.hash(normal(password), this.#cost));
  }

  /** A fast hash, for the random passwords of `generatePassword` only. */
  async hashInitial(password: string): Promise<string> {
    return await this.#queue.run(ownWork, () => bcrypt.hash(normal(password), this.#initialCost));
  }

  /**
   * Whether the password belongs to the hash. Without a hash (no such account) it does the same work and is false.
   * Throws `too-many-logins` when the queue is full.
   */
  async matches(password: string, hash: string | undefined, origin = ownWork): Promise<boolean> {
    this.#comparisons += 1;
    const known = hash ?? dummy(this.#cost);
    // One comparison at each cost, whichever the hash has: otherwise the time would tell who has never logged in.
    const other = dummy(bcrypt.getRounds(known) === this.#initialCost ? this.#cost : this.#initialCost);
    const equal = await this.#queue.run(origin, async () => {
      const result = await bcrypt.compare(normal(password), known);
      await bcrypt.compare(normal(password), other);
      return result;
    });
    // To bcrypt, a password whose first 72 bytes are right would be right.
    return equal && hash !== undefined && Buffer.byteLength(normal(password)) <= maxPasswordBytes;
  }

  /** Whether the hash was made with another cost than the one set now. */
  isOutdated(hash: string): boolean {
    return bcrypt.getRounds(hash) !== this.#cost;
  }
}

/** A well-formed hash without a known password: comparing with it costs as much as any comparison of that cost. */
function dummy(cost: number): string {
  return `$2b$${String(cost).padStart(2, "0")}$${"classhNoSuchAccount".padEnd(22, "x")}${"y".repeat(31)}`;
}

/** The same letters may be typed as one character or as two, depending on the system; NFC makes them equal. */
function normal(password: string): string {
  return password.normalize("NFC");
}
