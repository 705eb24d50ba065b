/** What becomes of a thrown error: at an edge somebody is told, where nobody waits a bug is logged. */
import { randomBytes } from "node:crypto";
import { errorCodes, UserError, type ErrorCode } from "./errors.ts";
import type { Log } from "./log.ts";
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

/** What the person who waits for the answer reads; a bug is logged, with the id that the person is given. */
export function explain(error: unknown, log: Log, fields: Record<string, unknown> = {}): Report {
  if (error instanceof UserError) {
    return {
      code: error.code,
      message: error.message,
      hint: error.hint,
      exitStatus: error.exitStatus,
      facts: error.facts,
    };
  }
  return {
    code: "internal",
    message: `something went wrong in classh (error ${write(error, log, fields)})`,
    hint: "Your work is kept. Try again; if it happens again, give your teacher that number.",
    exitStatus: errorCodes.internal,
  };
}

/** Logs what nobody waits for, with an id. A `UserError` is no bug, and is not logged. */
export function logBug(error: unknown, log: Log, fields: Record<string, unknown> = {}): void {
  if (!(error instanceof UserError)) write(error, log, fields);
}

/** Logs what reached the end of the process, with an id: nobody told a person of it, so even a `UserError` is a bug there. */
export function logUncaught(error: unknown, log: Log, fields: Record<string, unknown> = {}): void {
  write(error, log, fields);
}

/** An explanation as one paragraph, for places that have no second line. */
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
  log.error("unexpected error", { ...fields, id, error });
  return id;
}
