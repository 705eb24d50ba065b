/**
 * Theory of operation: a process can be stopped (SIGSTOP, a laptop's lid, a live migration) for longer than its lease, wake
 * up and go on as if nothing had happened. So a write that needs the lock asks the database in a transaction whether the
 * token is still the lock's, and keeps a row lock on it until the write is done: in between the lock can't change hands. A
 * process that is stopped inside loses its transaction after 5 s, so that others can go on; it notices when it checks the
 * time right before the one system call that matters. What remains open is a stop of more than 5 s between that check and
 * the system call: microseconds, which only a file system that knows tokens could close.
 *
 * With the database out of reach the lease decides alone: while it lasts, no living process may take the lock. Where other machines
 * may end a lease early, nobody writes under a lock without the database.
 */
import type { Clock } from "../base/clock.ts";
import { UserError } from "../base/errors.ts";
import type { Database } from "../db/database.ts";
import type { Queryable } from "../db/queryable.ts";
import type { HeldLock } from "./lock.ts";
import type { NodeLease } from "./node-lease.ts";
import { lockLost } from "./refusals.ts";

export interface Fence {
  /** Throws `lock-lost` when the write must not happen any more. Call it right before the system call that makes it visible. */
  check(): void;
}

export interface Fencing {
  readonly database: Database;
  readonly lease: NodeLease;
  readonly lock: HeldLock;
  /** Whether a lease that lasts is enough while the database is out of reach. */
  readonly trustsLease: boolean;
  readonly clock: Clock;
}

/** Less than lock_fence's 5 s by more than a write takes. */
const longestWriteMs = 2500;
/** A lease that ends sooner is not trusted without the database. */
const leastLeaseMs = 1000;

/** Runs `write` while the lock can't change hands. Throws `lock-lost` (nothing was written then), or what `write` throws. */
export async function runFenced<T>({ database, lease, lock, trustsLease, clock }: Fencing, write: (fence: Fence) => Promise<T>): Promise<T> {
  assertHeld(lock);
  let done: { readonly result: T } | undefined;
  let asked: number | undefined;
  try {
    return await database.transaction(async (transaction) => {
      const now = clock.monotonic();
      if (!(await holdStill(transaction, lock))) throw lockLost(lock.lostBecause ?? "taken");
      asked = now;
      const result = await write({ check: () => assertRecent(now, clock) });
      done = { result };
      return result;
    });
  } catch (error) {
    if (!(error instanceof UserError) || error.code !== "database-unavailable") throw error;
    if (done && asked !== undefined) {
      // The write was done under the fence if it was quick; then only the goodbye to the database failed.
      assertRecent(asked, clock);
      return done.result;
    }
    if (asked !== undefined || !trustsLease || lease.remainingMs < leastLeaseMs) throw error;
    return await write({ check: () => assertLease(lease, lock) });
  }
}

async function holdStill(transaction: Queryable, lock: HeldLock): Promise<boolean> {
  const [row] = await transaction.query<{ held: boolean }>("SELECT lock_fence($1, $2) AS held", [lock.key, lock.token]);
  return row?.held === true;
}

function assertHeld(lock: HeldLock): void {
  if (!lock.held) throw lockLost(lock.lostBecause ?? "lease");
}

function assertRecent(asked: number, clock: Clock): void {
  if (clock.monotonic() - asked > longestWriteMs) throw lockLost("lease");
}

function assertLease(lease: NodeLease, lock: HeldLock): void {
  assertHeld(lock);
  if (lease.remainingMs < leastLeaseMs) throw lockLost("lease");
}
