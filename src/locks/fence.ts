/**
 * Theory of operation: a process can be stopped (SIGSTOP, a laptop's lid, a live migration) for longer than its lease,
 * wake up and go on as if nothing had happened. So a write that needs the lock asks the database in a transaction
 * whether the token is still the lock's, and keeps a row lock on it until the write is done: in between the lock can't
 * change hands. A process that is stopped inside loses its transaction after 5 s, so that others can go on; it notices
 * when it checks the time right before the one system call that matters. What remains open is a stop of more than 5 s
 * between that check and the system call: microseconds, which only a file system that knows tokens could close.
 *
 * While the database is out of reach the lease alone decides, as outage-policy.ts says: while it lasts, no living
 * process may take the lock. A process that need not fear for its lease does not wait long for a silent database.
 */
import type { Clock } from "../base/clock.ts";
import { UserError } from "../base/errors.ts";
import type { Database } from "../db/database.ts";
import { unavailable } from "../db/database-failures.ts";
import type { Queryable } from "../db/queryable.ts";
import type { HeldLock } from "./lock.ts";
import type { NodeLease } from "./node-lease.ts";
import { mayWriteWithoutDatabase, patienceOfWrites, type Machines } from "./outage-policy.ts";
import { lockLost } from "./refusals.ts";

/** The check of a lock's token around a write. */
export interface Fence {
  /**
   * Throws `lock-lost` when the write must not happen any more. To be called right before the system call that makes
   * the write visible.
   */
  check(): void;
}

/** What a fenced write needs. */
export interface Fencing {
  readonly database: Database;
  readonly lease: NodeLease;
  readonly lock: HeldLock;
  readonly machines: Machines;
  readonly clock: Clock;
}

/** The longest write: less than the 5 s of `lock_fence`, by more than the system call takes. */
const maxWriteMs = 2500;
/**
 * Runs `write` while the lock can't change hands. Throws `lock-lost` (then nothing was written), or what `write`
 * throws.
 */
export async function runFenced<T>(fencing: Fencing, write: (fence: Fence) => Promise<T>): Promise<T> {
  const { lease, lock, machines, clock } = fencing;
  assertHeld(lock);
  const turn = new Turn<T>();
  const asking = writeAsking(fencing, turn, write);
  const patience = patienceOfWrites(lease.remainingMs);
  if (patience !== undefined) {
    using _late = clock.after(patience, () => turn.giveUp());
    // Whichever comes first: the answer, or the end of patience before the write has begun.
    const first = await Promise.race([
      asking.then(
        () => "asked",
        () => "asked",
      ),
      turn.givenUp,
    ]);
    if (first === "given up") return await write({ check: () => assertLease(fencing) });
  }
  try {
    return await asking;
  } catch (error) {
    if (!(error instanceof UserError) || error.code !== "database-unavailable") throw error;
    if (turn.done && turn.asked !== undefined) {
      // If the write was quick it was done under the fence, and only the end of the transaction failed.
      assertRecent(turn.asked, clock);
      return turn.done.result;
    }
    if (turn.asked !== undefined || !mayWriteWithoutDatabase(machines, lease.remainingMs)) throw error;
    return await write({ check: () => assertLease(fencing) });
  }
}

/** Who writes: the way over the database, or the one that lost patience with it; never both. */
class Turn<T> {
  /** When the database was asked (monotonic milliseconds), set once it has said that the lock is ours. */
  asked: number | undefined;
  done: { readonly result: T } | undefined;
  abandoned = false;
  readonly givenUp: Promise<"given up">;
  #resolve: (how: "given up") => void = () => undefined;

  constructor() {
    this.givenUp = new Promise((resolve) => (this.#resolve = resolve));
  }

  giveUp(): void {
    if (this.asked !== undefined) return;
    this.abandoned = true;
    this.#resolve("given up");
  }
}

function writeAsking<T>(
  { database, lock, clock }: Fencing,
  turn: Turn<T>,
  write: (fence: Fence) => Promise<T>,
): Promise<T> {
  return database.transaction(async (transaction) => {
    const now = clock.monotonic();
    const held = await holdStill(transaction, lock);
    // Nobody waits for this any more: roll back.
    if (turn.abandoned) throw unavailable(new Error("the database answered too late"));
    if (!held) throw lockLost(lock.lostBecause ?? "taken");
    turn.asked = now;
    const result = await write({ check: () => assertRecent(now, clock) });
    turn.done = { result };
    return result;
  });
}

async function holdStill(transaction: Queryable, lock: HeldLock): Promise<boolean> {
  const [row] = await transaction.query<{ held: boolean }>("SELECT lock_fence($1, $2) AS held", [lock.key, lock.token]);
  return row?.held === true;
}

function assertHeld(lock: HeldLock): void {
  if (!lock.held) throw lockLost(lock.lostBecause ?? "lease");
}

function assertRecent(asked: number, clock: Clock): void {
  if (clock.monotonic() - asked > maxWriteMs) throw lockLost("lease");
}

function assertLease({ lease, lock, machines }: Fencing): void {
  assertHeld(lock);
  if (!mayWriteWithoutDatabase(machines, lease.remainingMs)) throw lockLost("lease");
}
