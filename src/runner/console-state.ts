import type { Event } from "../base/events.ts";
import type { ErrorFacts } from "./error-facts.ts";
import type { JailSpec } from "./jail-spec.ts";
import type { SentPicture } from "./picture-marks.ts";
import type { Outcome } from "./outcome.ts";
import type { StepCommand, StepState } from "./steps.ts";
import type { Variables, WholeValue } from "./variables.ts";

/** Size of a console, in cells. */
export interface ConsoleSize {
  readonly columns: number;
  readonly rows: number;
}

/**
 * starting: a jail is being prepared. running: a script or a line typed at the prompt runs. prompt: Python waits for a
 * line. failed: a script has failed, and Enter opens the prompt with its variables. ended: there is no Python; runFile,
 * restart and the Enter key start one. For display only: programs can forge it.
 */
export type ConsoleState = "starting" | "running" | "prompt" | "failed" | "ended";

/** What holds for one run, and the prompt after it, and sentences that tell the person about it. */
export interface RunRules {
  readonly limits: NonNullable<JailSpec["limits"]>;
  readonly notes: readonly string[];
}

/** How one run of a script ended. Line numbers come from the program's side: for display only. */
export interface RunEnd {
  readonly file: string;
  readonly outcome: Outcome;
  /** Wall time of the run, seconds. */
  readonly seconds: number;
  /** Line of `file` where the error happened, from 1. */
  readonly errorLine?: number;
  readonly syntaxError?: boolean;
  /** Python's error in one line of at most 200 characters: "NameError: name 'x' is not defined". */
  readonly error?: string;
  /** What is known of the error, for an explanation. */
  readonly facts?: ErrorFacts;
}

/** A person's Python: a terminal in which scripts run and the prompt follows. */
export interface PythonConsole extends AsyncDisposable {
  readonly state: ConsoleState;
  readonly onState: Event<ConsoleState>;
  /**
   * Fires with what Python and its programs print, without our marks, at a limited rate. Raw bytes: only an emulator
   * may read them.
   */
  readonly onOutput: Event<Buffer>;
  /** Fires after each run of a script. */
  readonly onOutcome: Event<RunEnd>;
  /** Fires after an error of a statement at the prompt. */
  readonly onError: Event<ErrorFacts>;
  /** Fires at each prompt with the variables, while `showVariables` is on. */
  readonly onVariables: Event<Variables>;
  /** Fires when a program that runs step by step has stopped at one, or shows an earlier one. */
  readonly onStep: Event<StepState>;
  /** Says how it goes on; of no effect unless it has stopped. */
  step(command: StepCommand): void;
  /** Fires with the answer to `askValue`. */
  readonly onValue: Event<WholeValue>;
  /** Whether somebody looks at the variables. */
  showVariables(shown: boolean): void;
  /** Asks for one variable in full. Nothing comes unless Python is at its prompt. */
  askValue(name: string): void;
  /** Fires with each picture that a program shows. */
  readonly onPicture: Event<SentPicture>;
  /** Stops output; at most 64 KiB are held back, then the program waits. */
  pause(): void;
  /** Continues output. */
  resume(): void;
  /** What the person typed. At most 64 KiB of unread input are kept; more is dropped. */
  write(data: Buffer | string): void;
  resize(size: ConsoleSize): void;
  /** Stops what runs and runs `file` (a path in the jail) in a fresh jail; with `steps`, step by step. */
  runFile(file: string, args?: readonly string[], rules?: RunRules, steps?: boolean): void;
  /** Like Ctrl-C, but works also where the program has switched Ctrl-C off. */
  interrupt(): void;
  /** Stops everything and opens a fresh prompt. */
  restart(): void;
}
