/**
 * Theory of operation: one run per file. Whoever runs a file in somebody's home holds the lock `run:<path>` from before
 * the run starts until it has ended. Elsewhere the file is busy: one waits in the lock's queue, or waits and asks for
 * the run to be stopped. That request is in the waiter's row and names the run's token, so that it can't hit another
 * run by mistake. The holder interrupts its run and then ends it; a holder that does nothing loses the lock, and ends
 * its run when it learns that.
 *
 * Runs without a screen (`ssh host run FILE`) may be several at once, since a script starts them and nobody sits before
 * them: the first holds the lock, the others join its queue and run meanwhile. Whoever of them is next holds the lock
 * when the first has ended, so a run in the IDE waits for all who were there before it. A request to stop the run stops
 * each of them when its turn comes.
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
  /** Whether these are runs without a screen. */
  readonly joinable?: boolean;
  readonly clock: Clock;
  readonly log: Log;
}

/** Who runs a file that is busy, and since when. */
export interface RunHolder extends LockOwner {
  readonly since: Date;
  readonly token: number;
}

/** The right to run a file now. */
export interface RunRight {
  /** Undefined where the file may be run without a lock. */
  readonly lock: Lock | undefined;
  /** Beside other runs: waits for their lock, until the signal. Rejects as `RunLocks.wait`. */
  readonly join?: (signal: AbortSignal) => Promise<Lock>;
}

/** The answer to a request to run a file. */
export type RunClaim =
  | (RunRight & { readonly holder?: undefined })
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
    const { locks, clock, log } = this.#options;
    const name = runLockName(path) ?? "";
    const force = (): void =>
      void locks
        .forceRelease(name, holder.token)
        .catch((error: unknown) => log.warn("a run could not be stopped", { name, error }));
    using _late = stop ? clock.after(forceMs, force) : undefined;
    return await this.#queue(name, stop ? { stop: holder.token } : {}, signal);
  }

  async #queue(name: string, wish: { readonly stop?: number }, signal: AbortSignal): Promise<Lock> {
    const lock = await this.#options.locks.acquire(name, { owner: this.#ownerText(wish), signal });
    if (!signal.aborted) return lock;
    await lock.release();
    throw signal.reason;
  }

  #ownerText(wish: { readonly stop?: number } = {}): string {
    const { person, session, joinable } = this.#options;
    return ownerText(person, session, { ...wish, ...(joinable ? { joinable } : {}) });
  }

  async #ask(name: string): Promise<RunClaim> {
    const { locks, session, joinable, log } = this.#options;
    try {
      const attempt = await locks.tryAcquire(name, { owner: this.#ownerText() });
      if (attempt.lock) return { lock: attempt.lock };
      const { owner, since, token } = attempt.holder;
      const holder: RunHolder = { ...parseOwner(owner), since, token };
      if (joinable && holder.joinable) return { lock: undefined, join: (signal) => this.#queue(name, {}, signal) };
      // A row of our own that is being removed is nobody to ask.
      return holder.session === session ? { lock: undefined } : { holder };
    } catch (error) {
      if (!(error instanceof UserError)) log.error("no run lock", { error });
      return { lock: undefined };
    }
  }
}

/**
 * Calls `listener` for the requests of others, until disposed. Who has `joined` got the lock late: whoever waits behind
 * it to stop an earlier run has waited while this one ran, and means it, too.
 */
export function attendRun(lock: Lock, manners: RunLockListener, { joined = false } = {}): Disposable {
  const wanted = ({ owner }: Waiter): void => {
    const from = parseOwner(owner);
    if (from.stop === lock.token || (joined && from.stop !== undefined)) manners.stop(from);
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
