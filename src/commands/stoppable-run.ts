/** A run without a screen: it holds its file's lock, and others can stop it. */
import { logBug } from "../base/error-report.ts";
import { UserError } from "../base/errors.ts";
import { Emitter, type Event } from "../base/events.ts";
import { Scope } from "../base/scope.ts";
import type { Lock } from "../locks/lock.ts";
import { attendRun, stopGraceMs, type RunHolder } from "../session/run-locks.ts";
import type { CommandContext } from "./command.ts";

/**
 * Milliseconds between checks of the account: a disabled or removed one runs nothing after that, and the grace that
 * every stopped program gets.
 */
const checkMs = 2000;

/**
 * A run with what can stop it: the person (by closing or by signals), somebody else through the lock, or the end of the
 * account. Disposing releases the lock.
 */
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
      // Standard error is the program's, and there is nowhere else to say it.
      waiting: () => undefined,
      stop: ({ name }) => stop(`${name} stopped this run`),
      taken: () => this.#ending.abort(),
    });
    this.#scope.own(attending);
  }

  /** Fires with the signals for the program. */
  get onSignal(): Event<string> {
    return this.#signals.on;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#scope.close();
  }
}

/** Whether the account may run nothing any more. Never throws; false while the database is away. */
async function isShutOut({ account, log, services }: CommandContext): Promise<boolean> {
  try {
    const found = await services.accounts.find(account.username);
    return found?.id !== account.id || found.state === "disabled";
  } catch (error) {
    logBug(error, log, { user: account.username });
    return false;
  }
}

/** The error of `run` for a file that somebody runs already. */
export function alreadyRunning(holder: RunHolder, username: string, file: string): UserError {
  const since = `at ${holder.since.toISOString().slice(11, 16)} UTC`;
  const who = holder.user === username ? "you started" : `${holder.name} started`;
  return new UserError(
    "already-running",
    `already running: ${who} ${file} ${since}`,
    "Try again when that run has ended, or stop it where it is running (Ctrl-C).",
  );
}
