/** A run without a screen as the others see it: it holds its file's lock, and can be stopped from elsewhere. */
import { UserError } from "../base/errors.ts";
import { Emitter, type Event } from "../base/events.ts";
import { Scope } from "../base/scope.ts";
import type { Lock } from "../locks/lock.ts";
import { attendRun, stopGraceMilliseconds, type RunHolder } from "../session/run-locks.ts";
import type { CommandContext } from "./command.ts";

/** What stops the run: the person (closing, signals), or somebody else through the lock. Disposing gives the lock back. */
export class StoppableRun implements AsyncDisposable {
  /** Aborted when the run must end. */
  readonly signal: AbortSignal;
  readonly #scope = new Scope("run");
  readonly #signals = new Emitter<string>();
  readonly #ending = new AbortController();

  constructor({ closed, onSignal, stderr, services: { clock } }: CommandContext, lock: Lock | undefined) {
    this.signal = AbortSignal.any([closed, this.#ending.signal]);
    if (lock) this.#scope.own(lock);
    this.#scope.own(onSignal((name) => this.#signals.emit(name)));
    if (!lock) return;
    const attending = attendRun(lock, {
      // Standard error is the program's; there is no other place to say it.
      waiting: () => undefined,
      stop: ({ name }) => {
        stderr.write(`classh: ${name} stopped this run.\n`);
        this.#signals.emit("INT");
        this.#scope.own(clock.after(stopGraceMilliseconds, () => this.#ending.abort()));
      },
      taken: () => this.#ending.abort(),
    });
    this.#scope.own(attending);
  }

  /** Signals for the program. */
  get onSignal(): Event<string> {
    return this.#signals.on;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#scope.close();
  }
}

/** The refusal of `run` for a file that runs already. */
export function alreadyRunning(holder: RunHolder, username: string, file: string): UserError {
  const since = `since ${holder.since.toISOString().slice(11, 16)} UTC`;
  const who = holder.user === username ? "you run" : `${holder.name} runs`;
  return new UserError("already-running", `${who} ${file} ${since}`, "Try again when that run has ended, or end it where it runs (Ctrl-C).");
}
