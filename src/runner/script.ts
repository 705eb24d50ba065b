import type { Readable, Writable } from "node:stream";
import type { Event } from "../base/events.ts";
import type { ConsoleSize } from "./console-state.ts";

/** A script and its arguments. */
export interface ScriptCommand {
  /** Path in the jail. */
  readonly file: string;
  readonly args: readonly string[];
  /** Path in the jail; by default the one that `workingDirectoryOf` gives. */
  readonly workingDirectory?: string;
}

/** The terminal of a script. */
export interface ScriptTerminal extends ConsoleSize {
  /** The byte that the person's Backspace key sends; DEL by default. */
  readonly erase?: number | undefined;
}

/** A script's standard streams. Back-pressure works in both directions; the streams are not ended. */
export interface ScriptStreams {
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly stderr: Writable;
  /** Aborting stops the script: its outcome is "stopped". */
  readonly signal: AbortSignal;
  /** Called with the number of bytes whenever some pass, in either direction. */
  readonly onBytes?: (count: number) => void;
  /** Signals for the script, "INT" or "SIGINT". */
  readonly onSignal?: Event<string>;
  /** A terminal instead of pipes: stdout carries everything, stderr nothing. */
  readonly terminal?: ScriptTerminal & { readonly onResize: Event<ConsoleSize> };
}
