/**
 * Theory of operation: one run per file. Whoever runs a file in somebody's home holds the lock `run:<path>` from before the run
 * starts until it has ended. Elsewhere the file is busy: one waits in the lock's queue, or waits with the wish that the run be
 * stopped. The wish travels in the waiter's row and names the run's token, so that it can't hit another run by mistake. The holder
 * interrupts its run, then ends it; a holder that does nothing loses the lock, and ends its run when it learns that.
 *
 * Files of the course are free: a whole class runs the lecture's program at once, each person in a jail of their own. So are students'
 * files that a teacher tries (/students/ada/area.py): such a run has a copy of its own, and is in nobody's way. Without the
 * database everybody may run: two runs of one file do less harm than a class that can't run anything.
 */
import { UserError } from "../base/errors.ts";
import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import { disposable } from "../base/scope.ts";
import type { Lock, Waiter } from "../locks/lock.ts";
import type { LockManager } from "../locks/lock-manager.ts";
import { ownerText, parseOwner, type LockOwner } from "./lock-owner.ts";

export interface RunLocksOptions {
  readonly locks: LockManager;
  readonly person: { readonly username: string; readonly name: string | undefined };
  /** The session, or any name that nobody else uses. */
  readonly session: string;
  readonly clock: Clock;
  readonly log: Log;
}

/** Who runs a file that somebody else wants to run. */
export interface RunHolder extends LockOwner {
  readonly since: Date;
  readonly token: number;
}

/** The answer to whoever wants to run a file. Without `lock` and without `holder` the file may be run all the same. */
export type RunClaim =
  | { readonly lock: Lock | undefined; readonly holder?: undefined }
  | { readonly lock?: undefined; readonly holder: RunHolder };

/** What the holder of a run's lock does when others ask for it. */
export interface RunLockListener {
  /** Somebody waits until the run has ended. */
  waiting(from: LockOwner): void;
  /** Somebody wants it stopped: interrupt it, and end it when that does not help within `stopGraceMilliseconds`. */
  stop(from: LockOwner): void;
  /** The lock is somebody else's: the run must not go on. */
  taken(): void;
}

/** A program that was interrupted has this long to end by itself. */
export const stopGraceMs = 3000;
/** A process that does not stop its run by then loses the lock. */
const forceMs = 5000;
/** A run starts without a lock when the database needs longer than this, in milliseconds. */
const patienceMs = 500;

export class RunLocks {
  readonly #options: RunLocksOptions;

  constructor(options: RunLocksOptions) {
    this.#options = options;
  }

  /** Takes the lock of a file that is to be run, or tells who runs it. Never rejects, and takes half a second at most. */
  async claim(path: string): Promise<RunClaim> {
    const name = runLockName(path);
    if (name === undefined) return { lock: undefined };
    const asking = this.#ask(name);
    let stop: Disposable | undefined;
    const late = new Promise<undefined>(
      (resolve) => (stop = this.#options.clock.after(patienceMs, () => resolve(undefined))),
    );
    const claim = await Promise.race([asking, late]);
    stop?.[Symbol.dispose]();
    if (claim) return claim;
    void asking.then(({ lock }) => lock?.release());
    return { lock: undefined };
  }

  /**
   * Waits until `holder`, and who asked before, have run the file; with `stop` the holder's run is stopped. Rejects with the
   * signal's reason, and with what LockManager.acquire throws.
   */
  async wait(
    path: string,
    holder: RunHolder,
    { stop, signal }: { readonly stop: boolean; readonly signal: AbortSignal },
  ): Promise<Lock> {
    const { locks, person, session, clock, log } = this.#options;
    const name = runLockName(path) ?? "";
    const force = (): void =>
      void locks
        .forceRelease(name, holder.token)
        .catch((error: unknown) => log.warn("a run could not be stopped", { name, error }));
    using _late = stop ? clock.after(forceMs, force) : undefined;
    const lock = await locks.acquire(name, {
      owner: ownerText(person, session, stop ? holder.token : undefined),
      signal,
    });
    if (!signal.aborted) return lock;
    await lock.release();
    throw signal.reason;
  }

  async #ask(name: string): Promise<RunClaim> {
    const { locks, person, session, log } = this.#options;
    try {
      const attempt = await locks.tryAcquire(name, { owner: ownerText(person, session) });
      if (attempt.lock) return { lock: attempt.lock };
      const { owner, since, token } = attempt.holder;
      const holder: RunHolder = { ...parseOwner(owner), since, token };
      // A row of our own that is being removed is nobody to ask.
      return holder.session === session ? { lock: undefined } : { holder };
    } catch (error) {
      if (!(error instanceof UserError)) log.error("no run lock", { error });
      return { lock: undefined };
    }
  }
}

/** Follows what others want of a run, until disposed of. */
export function attendRun(lock: Lock, manners: RunLockListener): Disposable {
  const wanted = ({ owner }: Waiter): void => {
    const from = parseOwner(owner);
    if (from.stop === lock.token) manners.stop(from);
    else manners.waiting(from);
  };
  // A lease that ended is no reason to stop: without the database everybody may run.
  const lost = (): void => {
    if (lock.lostBecause === "taken") manners.taken();
  };
  const wants = lock.onWanted(wanted);
  lock.lost.addEventListener("abort", lost, { once: true });
  for (const waiter of lock.waiters) wanted(waiter);
  return disposable(() => {
    wants[Symbol.dispose]();
    lock.lost.removeEventListener("abort", lost);
  });
}

/** Undefined for files that everybody may run at once. */
export function runLockName(path: string): string | undefined {
  return path.startsWith("/home/") ? `run:${path}` : undefined;
}
