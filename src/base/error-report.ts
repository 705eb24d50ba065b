/** What happens to a thrown error: at an edge a person is told; where nobody waits, a bug is logged. */
import { randomBytes } from "node:crypto";
import { errorCodes, UserError, type ErrorCode } from "./errors.ts";
import type { Log } from "./log.ts";
import { tallies } from "./measures.ts";
import { terminalLines } from "./wrap.ts";

/** What a person is told about an error. */
export interface Report {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string | undefined;
  readonly exitStatus: number;
  /** As `UserError.facts`. */
  readonly facts?: Readonly<Record<string, unknown>> | undefined;
}

/** What the person who waits is told. A bug is logged, under the id that the person is given. */
export function explain(error: unknown, log: Log, fields: Record<string, unknown> = {}): Report {
  if (error instanceof UserError) {
    tallies.refusal.add(error.code);
    return {
      code: error.code,
      message: error.message,
      hint: error.hint,
      exitStatus: error.exitStatus,
      facts: error.facts,
    };
  }
  tallies.refusal.add("internal");
  return {
    code: "internal",
    message: `something went wrong in classh (error ${write(error, log, fields)})`,
    hint: "Your work is kept. Try again; if it happens again, give your teacher that number.",
    exitStatus: errorCodes.internal,
  };
}

/** Logs a bug in work that nobody waits for, under an id. A `UserError` is no bug and is not logged. */
export function logBug(error: unknown, log: Log, fields: Record<string, unknown> = {}): void {
  if (!(error instanceof UserError)) write(error, log, fields);
}

/**
 * Logs an error that reached the end of the process, under an id. Nobody was told of it, so here even a `UserError` is
 * a bug.
 */
export function logUncaught(error: unknown, log: Log, fields: Record<string, unknown> = {}): void {
  write(error, log, fields);
}

/** An explanation as one paragraph, for where there is no second line. */
export function sentence({ message, hint }: Pick<Report, "message" | "hint">): string {
  const text = message.charAt(0).toUpperCase() + message.slice(1);
  const stopped = /[.!?…]$/.test(text) ? text : `${text}.`;
  return hint ? `${stopped} ${hint}` : stopped;
}

/** An explanation as whole lines, the message, then the hint; with `columns` as a terminal of that width needs them. */
export function errorText({ message, hint }: Pick<Report, "message" | "hint">, columns?: number): string {
  const text = [`classh: ${message}`, ...(hint ? [hint] : [])].join("\n");
  return columns === undefined ? `${text}\n` : terminalLines(text, columns);
}

function write(error: unknown, log: Log, fields: Record<string, unknown>): string {
  const id = randomBytes(4).toString("hex");
  tallies.bug.add("bug");
  log.error("unexpected error", { ...fields, id, error });
  return id;
}
