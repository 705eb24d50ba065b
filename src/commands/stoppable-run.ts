/** A run without a screen: it holds its file's lock, and others can stop it. */
import { timeOfDay } from "../base/time-text.ts";
import { logBug } from "../base/error-report.ts";
import { UserError } from "../base/errors.ts";
import { Emitter, type Event } from "../base/events.ts";
import { Scope } from "../base/scope.ts";
import type { Lock } from "../locks/lock.ts";
import { attendRun, stopGraceMs, type RunHolder, type RunRight } from "../session/run-locks.ts";
import type { LockOwner } from "../session/lock-owner.ts";
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
  readonly #context: CommandContext;
  readonly #scope = new Scope("run");
  readonly #signals = new Emitter<string>();
  readonly #ending = new AbortController();

  constructor(context: CommandContext, { lock, join }: RunRight) {
    const {
      closed,
      onSignal,
      services: { clock },
    } = context;
    this.#context = context;
    this.signal = AbortSignal.any([closed, this.#ending.signal]);
    this.#scope.own(onSignal((name) => this.#signals.emit(name)));
    let shutOut = false;
    this.#scope.own(
      clock.every(
        checkMs,
        () =>
          void isShutOut(context).then((now) => {
            if (now && !shutOut) this.#stop("this account is disabled");
            shutOut ||= now;
          }),
      ),
    );
    if (lock) this.#attend(lock, { joined: false });
    else if (join) void this.#join(join);
  }

  /** Fires with the signals for the program. */
  get onSignal(): Event<string> {
    return this.#signals.on;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#scope.close();
  }

  /** Waits for the lock of the runs beside which this one runs. */
  async #join(join: (signal: AbortSignal) => Promise<Lock>): Promise<void> {
    const leaving = new AbortController();
    this.#scope.defer(() => leaving.abort());
    try {
      this.#attend(await join(leaving.signal), { joined: true });
    } catch (error) {
      // Without the database, or in too long a queue, it runs without a lock.
      if (!leaving.signal.aborted) logBug(error, this.#context.log);
    }
  }

  #attend(lock: Lock, how: { readonly joined: boolean }): void {
    this.#scope.own(lock);
    const listener = {
      // Standard error is the program's, and there is nowhere else to say it.
      waiting: () => undefined,
      stop: ({ name }: LockOwner) => this.#stop(`${name} stopped this run`),
      taken: () => this.#ending.abort(),
    };
    this.#scope.own(attendRun(lock, listener, how));
  }

  #stop(why: string): void {
    const { stderr, services } = this.#context;
    stderr.write(`classh: ${why}.\n`);
    this.#signals.emit("INT");
    this.#scope.own(services.clock.after(stopGraceMs, () => this.#ending.abort()));
  }
}

/** Whether the account may run nothing any more. Never throws; false while the database is away. */
export async function isShutOut({ account, log, services }: CommandContext): Promise<boolean> {
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
  const since = `at ${timeOfDay(holder.since)}`;
  const who = holder.user === username ? "you started" : `${holder.name} started`;
  return new UserError(
    "already-running",
    `already running: ${who} ${file} ${since}`,
    "Try again when that run has ended, or stop it where it is running (Ctrl-C).",
  );
}
