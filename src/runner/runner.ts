import type { Readable, Writable } from "node:stream";
import type { Clock } from "../base/clock.ts";
import type { Event } from "../base/events.ts";
import type { Log } from "../base/log.ts";
import type { Settings } from "../config/schema.ts";
import type { ConsoleSize, PythonConsole } from "./console.ts";
import type { Outcome } from "./outcome.ts";
import type { JailPlace } from "./place.ts";
import type { JailReport } from "./report.ts";

export interface RunnerOptions {
  readonly settings: Settings["runner"];
  readonly limits: Settings["limits"];
  /** A directory for temporary things, ours alone; created if it is missing, emptied at start and end. */
  readonly directory: string;
  readonly log: Log;
  readonly clock: Clock;
}

export interface ScriptCommand {
  /** A path in the jail. */
  readonly file: string;
  readonly args: readonly string[];
}

/** Where a script's standard streams go. Back-pressure is honoured in both directions; the streams are not ended by us. */
export interface ScriptStreams {
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly stderr: Writable;
  /** Aborting stops the script: its outcome is "stopped". */
  readonly signal: AbortSignal;
  /** Signals for the script, "INT" or "SIGINT". */
  readonly onSignal?: Event<string>;
  /** A terminal instead of pipes: stdout carries everything, stderr nothing. */
  readonly terminal?: ConsoleSize & { readonly onResize: Event<ConsoleSize> };
}

/** Starts Python in jails. Made once for a server. */
export class Runner implements AsyncDisposable {
  readonly jail!: JailReport;

  static async start(_options: RunnerOptions): Promise<Runner> {
    throw new Error("not written yet");
  }

  /** Throws UserError "no-jail" where no jail can be made. */
  openConsole(_place: JailPlace, _size: ConsoleSize): PythonConsole {
    throw new Error("not written yet");
  }

  /** Runs a script without a screen. Rejects with UserError "no-jail" where no jail can be made. */
  runScript(_place: JailPlace, _command: ScriptCommand, _io: ScriptStreams): Promise<Outcome> {
    throw new Error("not written yet");
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}
