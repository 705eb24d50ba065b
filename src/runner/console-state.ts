import type { Event } from "../base/events.ts";
import type { Outcome } from "./outcome.ts";

export interface ConsoleSize {
  readonly columns: number;
  readonly rows: number;
}

/**
 * starting: a jail is being made ready. running: a script or a line typed at the prompt runs. prompt: Python waits for a
 * line. ended: there is no Python; runFile, restart and the Enter key start one. For display: programs can forge it.
 */
export type ConsoleState = "starting" | "running" | "prompt" | "ended";

/** How one run of a script ended. Line numbers are the program's own word: for display. */
export interface RunEnd {
  readonly file: string;
  readonly outcome: Outcome;
  /** Wall time of the run. */
  readonly seconds: number;
  /** The line of `file` where the error happened, counted from 1. */
  readonly errorLine?: number;
  readonly syntaxError?: boolean;
  /** What Python says of it in one line of at most 200 characters: "NameError: name 'x' is not defined". */
  readonly error?: string;
}

/** A person's Python: a terminal in which scripts run and the prompt follows. */
export interface PythonConsole extends AsyncDisposable {
  readonly state: ConsoleState;
  readonly onState: Event<ConsoleState>;
  /** What Python and its programs print, without our own marks, at a limited rate. Raw bytes: only an emulator may read them. */
  readonly onOutput: Event<Buffer>;
  /** After each run of a script. */
  readonly onOutcome: Event<RunEnd>;
  /** Stops and continues output; at most 64 KiB are held back meanwhile, then the program waits. */
  pause(): void;
  resume(): void;
  /** What the person typed. Bounded: what does not fit into 64 KiB of unread input is dropped. */
  write(data: Buffer | string): void;
  resize(size: ConsoleSize): void;
  /** Stops what runs and runs `file` (a path in the jail) in a fresh jail. */
  runFile(file: string, args?: readonly string[]): void;
  /** Like Ctrl-C, and works also where the program has switched Ctrl-C off. */
  interrupt(): void;
  /** Stops everything and opens a fresh prompt. */
  restart(): void;
}
