/**
 * Theory of operation: one run per file. Whoever runs a file in somebody's home holds the lock `run:<path>` from before
 * the run starts until it has ended. Elsewhere the file is busy: one waits in the lock's queue, or waits and asks for
 * the run to be stopped. That request is in the waiter's row and names the run's token, so that it can't hit another
 * run by mistake. The holder interrupts its run and then ends it; a holder that does nothing loses the lock, and ends
 * its run when it learns that.
 *
 * Files of the course have no lock: a whole class runs the lecture's program at once, each person in their own jail.
 * Neither have students' files that a teacher tries (/students/ada/area.py): such a run has its own copy and is in
 * nobody's way. Without the database everybody may run: two runs of one file do less harm than a class that can't run
 * anything.
 */
import { UserError } from "../base/errors.ts";
import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import { disposable } from "../base/scope.ts";
import type { Lock, Waiter } from "../locks/lock.ts";
import type { LockManager } from "../locks/lock-manager.ts";
import { ownerText, parseOwner, type LockOwner } from "./lock-owner.ts";

/** Who runs, and in which session. */
export interface RunLocksOptions {
  readonly locks: LockManager;
  readonly person: { readonly username: string; readonly name: string | undefined };
  /** The session, or any name that nobody else uses. */
  readonly session: string;
  readonly clock: Clock;
  readonly log: Log;
}

/** Who runs a file that is busy, and since when. */
export interface RunHolder extends LockOwner {
  readonly since: Date;
  readonly token: number;
}

/** The answer to a request to run a file. With neither `lock` nor `holder`, the file may be run without a lock. */
export type RunClaim =
  | { readonly lock: Lock | undefined; readonly holder?: undefined }
  | { readonly lock?: undefined; readonly holder: RunHolder };

/** What happens to a lock while its run goes on. */
export interface RunLockListener {
  /** Somebody waits for the end of the run. */
  waiting(from: LockOwner): void;
  /** Somebody wants the run to stop: interrupt it, and end it when that has not helped after `stopGraceMs`. */
  stop(from: LockOwner): void;
  /** The lock was taken away: the run must not go on. */
  taken(): void;
}

/** Milliseconds that an interrupted program has to end by itself. */
export const stopGraceMs = 3000;
/** Milliseconds after which a process that does not stop its run loses the lock. */
const forceMs = 5000;
/** Milliseconds that a run waits for its lock; then it starts without. */
const patienceMs = 500;

/** The run locks of one session or command. */
export class RunLocks {
  readonly #options: RunLocksOptions;

  constructor(options: RunLocksOptions) {
    this.#options = options;
  }

  /** Acquires the lock of a file, or tells who runs it. Never rejects, and takes half a second at most. */
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
   * Waits until `holder` and those who asked earlier have run the file; with `stop`, the holder's run is stopped.
   * Rejects with the signal's reason, and with what `LockManager.acquire` throws.
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

/** Calls `listener` for the requests of others, until disposed. */
export function attendRun(lock: Lock, manners: RunLockListener): Disposable {
  const wanted = ({ owner }: Waiter): void => {
    const from = parseOwner(owner);
    if (from.stop === lock.token) manners.stop(from);
    else manners.waiting(from);
  };
  // An expired lease is no reason to stop: without the database everybody may run.
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

/** The name of a file's run lock; undefined for a file that any number of people may run at once. */
export function runLockName(path: string): string | undefined {
  return path.startsWith("/home/") ? `run:${path}` : undefined;
}
