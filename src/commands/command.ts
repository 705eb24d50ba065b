/**
 * The declaration of commands. Each noun has a file in commands/nouns; permission and usage are declared on the
 * command.
 */
import type { Readable, Writable } from "node:stream";
import type { Account } from "../auth/account.ts";
import type { Permission } from "../auth/roles.ts";
import type { Event } from "../base/events.ts";
import type { Log } from "../base/log.ts";
import type { TerminalSize } from "../base/terminal.ts";
import type { Destination } from "./destination.ts";
import type { Reach } from "./reach.ts";
import type { Services } from "./services.ts";

/** An option of a command. */
export interface Option {
  readonly type: "string" | "boolean";
  /** The word for the value: `ROLE` in `--role ROLE`. */
  readonly value?: string;
  readonly doc: string;
  /** All possible values, for completion; undefined when any is allowed. */
  readonly choices?: readonly string[];
}

/** The parsed words of a command line. */
export interface Input {
  readonly arguments: readonly string[];
  /** The value of an option; undefined when it is not given. */
  text(option: string): string | undefined;
  /** Whether a boolean option is given. */
  flag(option: string): boolean;
}

/** A command and its declaration. */
export interface Command {
  /** Noun and verb: "user add", or one word: "whoami". */
  readonly name: string;
  /** One line for `help`. */
  readonly summary: string;
  /**
   * Arguments as the usage line shows them: "USER [SECTION]". Upper case is required, brackets optional, "..." repeats.
   */
  readonly arguments?: string;
  readonly options?: Readonly<Record<string, Option>>;
  /** More text for `help COMMAND`: paragraphs, examples. */
  readonly details?: string;
  /** The permission that is needed; undefined for everyone who is logged in. */
  readonly permission?: Permission;
  /** Whom it may be about, for roles with a permission that does not reach everybody. */
  readonly reach?: Reach;
  /** Whether it works before an initial password was changed; false by default. */
  readonly beforePasswordChange?: boolean;
  /** Whether it has `--json`, which prints the result of `run` as one document; false by default. */
  readonly json?: boolean;
  /**
   * The shape of that document, written like a TypeScript type: `{ username: text, section: text | null }[]`. Besides
   * text, number and boolean there are time (ISO 8601 UTC), bytes and seconds (numbers), any, and quoted words. Tests
   * check it.
   */
  readonly shape?: string;
  /** Whether all words after the script's name are arguments, flags too; false by default. */
  readonly rawArguments?: boolean;
  /** Runs it. Throws UserErrors, which the registry prints. */
  run(context: CommandContext, input: Input): Promise<Result>;
}

/** The answer of a command: a document for `--json`, and the same for people. */
export interface CommandAnswer {
  readonly kind: "answer";
  readonly json: unknown;
  readonly text: string;
  /** The exit status; 0 by default, other values when the answer is bad news (`doctor`). */
  readonly status?: number;
}

/** The end of a command that wrote its own output: its exit status, or the signal that ended it. */
export interface Exit {
  readonly kind: "exit";
  readonly status: number;
  readonly signal?: string;
}

/** What running a command gives. */
export type Result = CommandAnswer | Exit;

/** Where a command runs: who asks, and the three streams. */
export interface CommandContext {
  readonly account: Account;
  /** The client's address, or "local". */
  readonly address: string;
  readonly services: Services;
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly stderr: Writable;
  /**
   * Identifies the caller's connection, which stays when the caller's others are ended; undefined on the server itself.
   */
  readonly connection?: object | undefined;
  /** The pty that was asked for, if any. */
  readonly terminal?:
    | {
        readonly size: TerminalSize;
        readonly onResize: Event<TerminalSize>;
        readonly term: string;
        readonly erase?: number | undefined;
      }
    | undefined;
  /** Shows a screen on the pty, until the person leaves it; undefined without a pty. */
  readonly show?: ((destination: Destination) => Promise<Exit>) | undefined;
  /** Fires with the signals that the client sends: "INT", "TERM". */
  readonly onSignal: Event<string>;
  /** Aborted when the client is gone. */
  readonly closed: AbortSignal;
  readonly log: Log;
}

/** Makes an answer. */
export function answer(json: unknown, text: string, status?: number): CommandAnswer {
  return status === undefined ? { kind: "answer", json, text } : { kind: "answer", json, text, status };
}
