/** What the driver's errors mean: SQLSTATEs (PostgreSQL manual, appendix A) and Node.js's system codes. */
import { systemCode, UserError } from "../base/errors.ts";

/** The SQLSTATE of an error that PostgreSQL sent ("23505" is a duplicate key); undefined for any other error. */
export function sqlState(error: unknown): string | undefined {
  const code = systemCode(error);
  return code !== undefined && /^[0-9A-Z]{5}$/.test(code) ? code : undefined;
}

/** Whether the error is a refused duplicate key; `constraint` narrows it to one constraint. */
export function isDuplicate(error: unknown, constraint?: string): boolean {
  if (sqlState(error) !== "23505") return false;
  return (
    constraint === undefined || (error instanceof Error && "constraint" in error && error.constraint === constraint)
  );
}

/**
 * The server is shutting down, starting, full, (25006) no longer the primary, or (25P03) has closed an idle connection:
 * a later attempt may succeed.
 */
const passing = new Set([
  "25P03",
  "57P01",
  "57P02",
  "57P03",
  "53300",
  "25006",
  "08000",
  "08001",
  "08003",
  "08004",
  "08006",
]);

const unreachable = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "ECONNABORTED",
  "EPIPE",
  "ENOENT",
  "ENOTFOUND",
  "EAI_AGAIN",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENETDOWN",
  "EADDRNOTAVAIL",
  "EAGAIN",
]);

/**
 * Messages of errors that pg 8 throws without a code, when a connection breaks, can't be had in time, or while we shut
 * down.
 */
const brokenConnection =
  /^(Connection terminated|Cannot use a pool after calling end|timeout exceeded when trying to connect|timeout expired|Query read timeout|Client has encountered a connection error|Client was closed)/;

/** Whether the connection broke or could not be made; the statement itself is not at fault. */
export function isConnectionFailure(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof AggregateError && error.errors.length > 0) return error.errors.every(isConnectionFailure);
  const code = systemCode(error);
  if (code !== undefined) return passing.has(code) || unreachable.has(code);
  return brokenConnection.test(error.message);
}

/**
 * The error that people read while the database is down, so that an outage is never taken for a wrong password or an
 * empty list.
 */
export function unavailable(cause: unknown): UserError {
  return new UserError(
    "database-unavailable",
    "the database can't be reached right now",
    "Your open files are kept. Try again in a minute.",
    { cause },
  );
}

/**
 * The error to throw for a driver's error: time-outs (57014) and a full disk (53100) get a sentence of their own, bugs
 * pass through.
 */
export function translate(error: unknown): unknown {
  if (sqlState(error) === "53100") {
    const hint = "Nothing was changed. Tell your teacher: the server needs more free space.";
    return new UserError("disk-full", "the server's disk is full", hint, { cause: error });
  }
  if (sqlState(error) === "57014") {
    const message = "the database took too long to answer";
    return new UserError("database-unavailable", message, "Try again in a minute.", { cause: error });
  }
  return isConnectionFailure(error) ? unavailable(error) : error;
}
