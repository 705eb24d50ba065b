/** Errors for those who don't get a lock, or lose it. */
import { timeOfDay } from "../base/time-text.ts";
import { UserError } from "../base/errors.ts";
import type { Holder } from "./lock-table.ts";

/**
 * Why a lock was lost: its lease ended (the process or the database was out of reach for too long), or `forceRelease`
 * took it.
 */
export type Loss = "lease" | "taken";

export function inUse(holder: Holder | undefined): UserError {
  const hint = holder ? `It has been since ${timeOfDay(holder.since)}.` : "Try again in a minute.";
  return new UserError("in-use", "this is in use elsewhere", hint);
}

export function withoutLease(): UserError {
  return new UserError(
    "database-unavailable",
    "the database can't be reached right now",
    "Your open files are kept. Try again in a minute.",
  );
}

export function draining(): UserError {
  return new UserError("draining", "the server is shutting down", "Try again in a minute.");
}

export function tooManyWaiters(): UserError {
  return new UserError(
    "too-many-waiters",
    "too many people are waiting for files on this server",
    "Try again in a minute.",
  );
}

/** The error for the former holder of a lock, where nothing shows it better. */
export function lockLost(because: Loss, cause?: unknown): UserError {
  const hint = "Your text is kept. Look at what is there now before you save over it.";
  const message =
    because === "taken"
      ? "somebody else has taken this over"
      : "the connection to the database was lost for too long, and somebody else may have taken this over";
  return new UserError("lock-lost", message, hint, { cause });
}
