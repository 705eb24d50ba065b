/** What a command is. One noun per file in commands/nouns; permission and usage are declared on the command. */
import type { Readable, Writable } from "node:stream";
import type { Account } from "../auth/account.ts";
import type { Permission } from "../auth/roles.ts";
import type { Event } from "../base/events.ts";
import type { Log } from "../base/log.ts";
import type { TerminalSize } from "../base/terminal.ts";
import type { Destination } from "./destination.ts";
import type { Reach } from "./reach.ts";
import type { Services } from "./services.ts";

export interface Option {
  readonly type: "string" | "boolean";
  /** `ROLE` in `--role ROLE`. */
  readonly value?: string;
  readonly doc: string;
  /** All values there are, for completion. */
  readonly choices?: readonly string[];
}

/** Parsed words of a command line. */
export interface Input {
  readonly arguments: readonly string[];
  text(option: string): string | undefined;
  flag(option: string): boolean;
}

export interface Command {
  /** Noun and verb: "user add", or one word: "whoami". */
  readonly name: string;
  /** One line for `help`. */
  readonly summary: string;
  /** Arguments as the usage line shows them: "USER [SECTION]". Upper case is required, brackets optional, "..." repeats. */
  readonly arguments?: string;
  readonly options?: Readonly<Record<string, Option>>;
  /** More for `help COMMAND`: paragraphs, examples. */
  readonly details?: string;
  /** What the person must be allowed; undefined: everyone who is logged in. */
  readonly permission?: Permission;
  /** Whom it may be about, for roles whose permission does not reach everybody. */
  readonly reach?: Reach;
  /** Works before an initial password was changed. */
  readonly beforePasswordChange?: boolean;
  /** Has `--json`: the result of `run` as one document. */
  readonly json?: boolean;
  /**
   * What that document looks like, in the manner of a TypeScript type: `{ username: text, section: text | null }[]`. Besides text,
   * number and boolean there are time (ISO 8601 UTC), bytes and seconds (numbers), any, and words in quotes. Tests hold it.
   */
  readonly shape?: string;
  /** All words after the name are arguments, flags too: they are the script's. */
  readonly rawArguments?: boolean;
  run(context: CommandContext, input: Input): Promise<Result>;
}

/** What a command answers: a document for `--json`, and the same for people. */
export interface CommandAnswer {
  readonly kind: "answer";
  readonly json: unknown;
  readonly text: string;
  /** 0 unless the answer itself is bad news (`doctor`). */
  readonly status?: number;
}

/** A command that wrote its own output: its exit status, or the signal that ended it. */
export interface Exit {
  readonly kind: "exit";
  readonly status: number;
  readonly signal?: string;
}

export type Result = CommandAnswer | Exit;

/** Where a command runs: who asks, and the three streams. */
export interface CommandContext {
  readonly account: Account;
  /** Where from: an address, or "local". */
  readonly address: string;
  readonly services: Services;
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly stderr: Writable;
  /** Stands for the caller's connection, which stays when the caller's others are ended; undefined on the server itself. */
  readonly connection?: object | undefined;
  /** A pty was asked for: its size. */
  readonly terminal?:
    | { readonly size: TerminalSize; readonly onResize: Event<TerminalSize>; readonly term: string }
    | undefined;
  /** Shows a place on the pty that was asked for, until the person leaves it; undefined where there is none. */
  readonly show?: ((destination: Destination) => Promise<Exit>) | undefined;
  /** Signals that the client sent: "INT", "TERM" ... */
  readonly onSignal: Event<string>;
  /** The client is gone. */
  readonly closed: AbortSignal;
  readonly log: Log;
}

export function answer(json: unknown, text: string, status?: number): CommandAnswer {
  return status === undefined ? { kind: "answer", json, text } : { kind: "answer", json, text, status };
}
