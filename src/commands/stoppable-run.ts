/** A run without a screen as the others see it: it holds its file's lock, and can be stopped from elsewhere. */
import { logBug } from "../base/error-report.ts";
import { UserError } from "../base/errors.ts";
import { Emitter, type Event } from "../base/events.ts";
import { Scope } from "../base/scope.ts";
import type { Lock } from "../locks/lock.ts";
import { attendRun, stopGraceMs, type RunHolder } from "../session/run-locks.ts";
import type { CommandContext } from "./command.ts";

/** Somebody whose account was disabled, or removed, runs nothing any more after this time and the grace that every stopped program gets. */
const checkMs = 2000;

/** What stops the run: the person (closing, signals), somebody else through the lock, or that the person may run nothing any more. Disposing gives the lock back. */
export class StoppableRun implements AsyncDisposable {
  /** Aborted when the run must end. */
  readonly signal: AbortSignal;
  readonly #scope = new Scope("run");
  readonly #signals = new Emitter<string>();
  readonly #ending = new AbortController();

  constructor(context: CommandContext, lock: Lock | undefined) {
    const {
      closed,
      onSignal,
      stderr,
      services: { clock },
    } = context;
    const stop = (why: string): void => {
      stderr.write(`classh: ${why}.\n`);
      this.#signals.emit("INT");
      this.#scope.own(clock.after(stopGraceMs, () => this.#ending.abort()));
    };
    this.signal = AbortSignal.any([closed, this.#ending.signal]);
    if (lock) this.#scope.own(lock);
    this.#scope.own(onSignal((name) => this.#signals.emit(name)));
    let shutOut = false;
    this.#scope.own(
      clock.every(
        checkMs,
        () =>
          void isShutOut(context).then((now) => {
            if (now && !shutOut) stop("this account is disabled");
            shutOut ||= now;
          }),
      ),
    );
    if (!lock) return;
    const attending = attendRun(lock, {
      // Standard error is the program's; there is no other place to say it.
      waiting: () => undefined,
      stop: ({ name }) => stop(`${name} stopped this run`),
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

/** Never throws; while the database is away nobody is shut out. */
async function isShutOut({ account, log, services }: CommandContext): Promise<boolean> {
  try {
    const found = await services.accounts.find(account.username);
    return found?.id !== account.id || found.state === "disabled";
  } catch (error) {
    logBug(error, log, { user: account.username });
    return false;
  }
}

/** The refusal of `run` for a file that runs already. */
export function alreadyRunning(holder: RunHolder, username: string, file: string): UserError {
  const since = `at ${holder.since.toISOString().slice(11, 16)} UTC`;
  const who = holder.user === username ? "you started" : `${holder.name} started`;
  return new UserError(
    "already-running",
    `already running: ${who} ${file} ${since}`,
    "Try again when that run has ended, or stop it where it is running (Ctrl-C).",
  );
}
