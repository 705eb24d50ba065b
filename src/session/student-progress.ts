/**
 * How a person is doing: typing, running, stuck on an error. Derived from what the session knows anyway; costs nothing
 * until it is read.
 */
import type { Clock } from "../base/clock.ts";
import { Emitter } from "../base/events.ts";
import { Scope } from "../base/scope.ts";
import type { Activity, StudentWork } from "../classroom/work.ts";
import type { RunEnd } from "../runner/console-state.ts";
import { describe, type Outcome } from "../runner/outcome.ts";
import { pauseMs, type Attendance } from "./attendance.ts";
import type { Consoles } from "./consoles.ts";

/** What the progress is derived from. */
export interface StudentProgressOptions {
  readonly attendance: Attendance;
  readonly consoles: Pick<Consoles, "isRunning" | "onFinished" | "follow">;
  readonly clock: Clock;
}

/** Largest count of equal errors: a larger one says nothing more. */
const maxTimes = 99;
const maxFile = 200;

/** The progress of one session's owner. */
export class StudentProgress implements AsyncDisposable {
  readonly #options: StudentProgressOptions;
  readonly #scope = new Scope("progress");
  readonly #moved = new Emitter<void>();
  #activity: Activity = "idle";
  #since: number;
  #running = false;
  #error: { readonly text: string; readonly same: string; readonly times: number } | undefined;
  #run: StudentWork["run"] = null;

  constructor(options: StudentProgressOptions) {
    this.#options = options;
    this.#since = options.clock.now();
    const { consoles, attendance } = options;
    this.#scope.own(consoles.onFinished(({ end }) => this.#finished(end)));
    this.#scope.own(consoles.follow((console) => console.onChange(() => this.#noteRunning(consoles.isRunning))));
    this.#scope.own(attendance.onMove(() => this.#moved.emit()));
  }

  /** Fires when others should see something soon: a run began or ended, or the person is active again. */
  get onMove() {
    return this.#moved.on;
  }

  /** The progress now; pauses in typing are noticed when this is read. */
  get work(): StudentWork {
    const activity = this.#now();
    if (activity !== this.#activity) {
      this.#activity = activity;
      this.#since = this.#begin(activity);
    }
    const error = this.#error;
    return {
      activity,
      since: this.#since,
      error: error ? { text: error.text, times: error.times } : null,
      run: this.#run,
    };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#scope.close();
  }

  #now(): Activity {
    const { attendance, consoles } = this.#options;
    if (attendance.awaySince !== undefined) return "away";
    if (consoles.isRunning) return "running";
    if (attendance.idleMs < pauseMs) return "typing";
    return this.#run?.ok === false ? "error" : "idle";
  }

  #begin(activity: Activity): number {
    const { attendance, clock } = this.#options;
    if (activity === "away") return attendance.awaySince ?? clock.now();
    if (activity !== "idle" && activity !== "error") return clock.now();
    // Since the last key, or since the end of a program that ran on without one.
    return Math.max(clock.now() - attendance.idleMs, activity === "error" ? (this.#run?.at ?? 0) : 0);
  }

  /** The console fires for every piece of output; only its state matters here. */
  #noteRunning(running: boolean): void {
    if (running === this.#running) return;
    this.#running = running;
    this.#moved.emit();
  }

  #finished(end: RunEnd): void {
    const { file, outcome } = end;
    const ok = outcome.kind === "exited" && outcome.status === 0;
    // PostgreSQL accepts no half characters.
    this.#run = {
      file: Buffer.from(file.slice(0, maxFile)).toString(),
      outcome: shortly(end),
      ok: ok || outcome.kind === "stopped",
      at: this.#options.clock.now(),
    };
    // Stopping a program does not clear the error before it.
    if (outcome.kind !== "stopped") this.#error = ok ? undefined : this.#again(end);
    this.#moved.emit();
  }

  /** The line may move while the person works on the error, which is still the same one. */
  #again({ file, outcome, error, errorLine }: RunEnd) {
    const what = error ?? describe(outcome);
    const same = `${file}\n${what}`;
    const times = this.#error?.same === same ? Math.min(this.#error.times + 1, maxTimes) : 1;
    return { text: errorLine === undefined ? what : `${what} (line ${errorLine})`, same, times };
  }
}

/** The outcome in a word or two. */
function shortly({ outcome, error }: RunEnd): string {
  if (outcome.kind === "exited" && outcome.status !== 0 && error !== undefined) return "error";
  return outcomeWord(outcome);
}

function outcomeWord(outcome: Outcome): string {
  switch (outcome.kind) {
    case "exited":
      return outcome.status === 0 ? "ok" : `exit ${outcome.status}`;
    case "signalled":
      return outcome.signal;
    case "timed-out":
      return "timed out";
    case "too-much-output":
      return "endless output";
    case "out-of-memory":
      return "out of memory";
    case "too-many-files":
      return "too many files";
    case "too-many-processes":
      return "too many processes";
    case "made-room":
      return "made room";
    case "out-of-disk":
    case "server-disk-full":
      return "disk full";
    case "stopped":
      return "stopped";
    case "failed-to-start":
      return "did not start";
    case "lost":
      return "lost";
    default:
      return outcome satisfies never;
  }
}
