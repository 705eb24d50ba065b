/**
 * The locks of the files that a session's consoles run. A lock has users: the run itself, and whoever is about to start
 * one. The last user releases it. So F5 in a second window of the same session replaces the session's own run, and
 * nobody gets in between.
 */
import type { Clock } from "../base/clock.ts";
import { Scope } from "../base/scope.ts";
import type { Lock } from "../locks/lock.ts";
import { shownFileName } from "../workspace/paths.ts";
import type { Console } from "./console.ts";
import { attendRun, stopGraceMs, type RunClaim, type RunHolder, type RunLocks } from "./run-locks.ts";
import type { Notice } from "./workbench-options.ts";

/** What the locks belong to. */
export interface ConsoleRunsOptions {
  readonly locks: RunLocks;
  /** Subscribes to the database coming back: locks can be acquired again. */
  readonly onRestored: (listener: () => void) => Disposable;
  readonly notify: (kind: Notice["kind"], text: string) => void;
  readonly clock: Clock;
}

/** A file that this session runs, with its lock or without one. */
interface Entry {
  readonly path: string;
  readonly asked: Promise<RunClaim>;
  readonly scope: Scope;
  lock: Lock | undefined;
  users: number;
}

/** What runs in a console. */
interface Running {
  readonly console: Console;
  readonly entry: Entry;
  readonly release: () => void;
  /** Who stopped it, as a sentence. */
  stopped?: string;
}

/** The right to start one run. `start` uses it up; `release` gives it back. */
export interface RunPermit {
  readonly path: string;
  readonly holder?: undefined;
  readonly release: () => void;
}

/** The answer for a file that somebody else runs. */
export interface BusyRun {
  readonly path: string;
  readonly holder: RunHolder;
  readonly release: () => void;
}

/** The run locks of one session's consoles. */
export class ConsoleRuns implements AsyncDisposable {
  readonly #options: ConsoleRunsOptions;
  readonly #scope = new Scope("runs");
  readonly #entries = new Map<string, Entry>();
  readonly #running = new Map<Console, Running>();
  /** Locks that are being released. Acquiring one of them again waits for that. */
  #releasing: Promise<unknown> = Promise.resolve();

  constructor(options: ConsoleRunsOptions) {
    this.#options = options;
    this.#scope.own(options.onRestored(() => void this.#claimAgain()));
  }

  /** Asks for the right to run a file now. Never rejects. The result must be started or released. */
  async claim(path: string): Promise<RunPermit | BusyRun> {
    const entry =
      this.#entries.get(path) ??
      this.#enter(
        path,
        this.#releasing.then(() => this.#options.locks.claim(path)),
      );
    entry.users += 1;
    const { holder } = await entry.asked;
    if (!holder) return this.#permit(entry, path);
    this.#leave(entry);
    return { path, holder, release: () => undefined };
  }

  /** Waits until a busy file is free; see `RunLocks.wait`. */
  async wait(
    { path, holder }: BusyRun,
    how: { readonly stop: boolean; readonly signal: AbortSignal },
  ): Promise<RunPermit> {
    const lock = await this.#options.locks.wait(path, holder, how);
    if (this.#scope.closed || this.#entries.has(path)) {
      // The session has ended, or another window of it was faster: then the file is this session's already.
      await lock.release();
      const claim = await this.claim(path);
      if (!claim.holder) return claim;
      return await this.wait(claim, { ...how, stop: false });
    }
    const entry = this.#enter(path, Promise.resolve({ lock }));
    entry.users += 1;
    this.#adopt(entry, lock);
    return this.#permit(entry, path);
  }

  /** Has `begin` run the file in a console. What ran there before is ended. Throws what `begin` throws. */
  start(permit: RunPermit, console: Console, begin: (console: Console) => void): void {
    if (this.#scope.closed) return permit.release();
    const entry = this.#entries.get(permit.path);
    const before = this.#running.get(console);
    this.#running.delete(console);
    try {
      begin(console);
      if (entry) this.#running.set(console, { console, entry, release: permit.release });
    } catch (error) {
      permit.release();
      throw error;
    } finally {
      before?.release();
    }
  }

  /** Handles the end of a console's run. Returns a sentence about who stopped it, if that was somebody else. */
  ended(console: Console): string | undefined {
    const run = this.#running.get(console);
    this.#running.delete(console);
    run?.release();
    return run?.stopped;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#running.clear();
    const entries = [...this.#entries.values()];
    this.#entries.clear();
    for (const entry of entries) this.#giveBack(entry);
    await this.#releasing;
    await this.#scope.close();
  }

  #enter(path: string, asked: Promise<RunClaim>): Entry {
    const entry: Entry = { path, asked, scope: new Scope(`run of ${path}`), lock: undefined, users: 0 };
    this.#entries.set(path, entry);
    void asked.then(({ lock }) => lock && this.#adopt(entry, lock));
    return entry;
  }

  #adopt(entry: Entry, lock: Lock): void {
    if (entry.lock === lock) return;
    if (entry.scope.closed) return void lock.release();
    entry.lock = lock;
    entry.scope.own(
      attendRun(lock, {
        waiting: ({ name }) =>
          this.#options.notify("info", `${name} is waiting to run ${fileName(entry)}. It starts when your run ends.`),
        stop: ({ name }) => this.#stop(entry, `${name} stopped your run of ${fileName(entry)}.`),
        taken: () => this.#end(entry, `Your run of ${fileName(entry)} was stopped: somebody else took over.`),
      }),
    );
  }

  /** Interrupts like Ctrl-C, and ends a program that goes on after that. */
  #stop(entry: Entry, sentence: string): void {
    const run = this.#runOf(entry);
    if (!run) return;
    run.stopped = sentence;
    // In the console it can be read later; the notice is gone after five seconds.
    run.console.print(`\r\n${sentence}\r\n`);
    run.console.interrupt();
    entry.scope.own(this.#options.clock.after(stopGraceMs, () => this.#end(entry, sentence)));
  }

  #end(entry: Entry, sentence: string): void {
    const run = this.#runOf(entry);
    if (!run) return;
    run.stopped ??= sentence;
    run.console.restart();
  }

  #runOf(entry: Entry): Running | undefined {
    return [...this.#running.values()].find((run) => run.entry === entry);
  }

  #permit(entry: Entry, path: string): RunPermit {
    let used = false;
    const release = (): void => {
      if (!used) this.#leave(entry);
      used = true;
    };
    return { path, release };
  }

  #leave(entry: Entry): void {
    entry.users -= 1;
    if (entry.users > 0 || this.#entries.get(entry.path) !== entry) return;
    this.#entries.delete(entry.path);
    this.#giveBack(entry);
  }

  #giveBack(entry: Entry): void {
    const { lock } = entry;
    this.#releasing = Promise.all([this.#releasing, entry.scope.close(), lock?.release()]);
  }

  /** After an outage, acquires the lock of what still runs. If somebody else was faster, both runs go on. */
  async #claimAgain(): Promise<void> {
    for (const { entry } of this.#running.values()) {
      if (entry.lock?.held) continue;
      const { lock } = await this.#options.locks.claim(entry.path);
      if (lock) this.#adopt(entry, lock);
    }
  }
}

function fileName({ path }: Entry): string {
  return shownFileName(path);
}
