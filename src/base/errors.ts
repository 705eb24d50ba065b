/**
 * Three kinds of failure. A `UserError` is shown as written. Anything else thrown is a bug: it is logged under an id,
 * and the person reads only that id (error-report.ts). A student's failing program is neither: it is a value
 * (runner/outcome.ts).
 */

/** Exit statuses of commands; scripts rely on them (documented in docs/commands.md). */
export const exitStatus = {
  done: 0,
  failed: 1,
  usage: 2,
  notPermitted: 3,
  notFound: 4,
  conflict: 5,
  tryAgain: 75,
} as const;

/** Every error code with the exit status it gives on the command line. Codes are stable: scripts match on them. */
export const errorCodes = {
  usage: exitStatus.usage,
  "unknown-command": exitStatus.usage,
  "bad-setting": exitStatus.usage,
  "bad-name": exitStatus.usage,
  "bad-path": exitStatus.usage,
  "bad-password": exitStatus.usage,
  "bad-key": exitStatus.usage,
  "bad-archive": exitStatus.failed,
  "backup-unusable": exitStatus.failed,
  "backup-running": exitStatus.tryAgain,
  "bad-roster": exitStatus.usage,
  "not-permitted": exitStatus.notPermitted,
  "password-change-required": exitStatus.notPermitted,
  "account-disabled": exitStatus.notPermitted,
  "wrong-password": exitStatus.notPermitted,
  "read-only": exitStatus.notPermitted,
  "user-not-found": exitStatus.notFound,
  "file-not-found": exitStatus.notFound,
  "key-not-found": exitStatus.notFound,
  "section-not-found": exitStatus.notFound,
  "not-a-file": exitStatus.failed,
  "not-a-directory": exitStatus.failed,
  "not-text": exitStatus.failed,
  "too-large": exitStatus.failed,
  "too-deep": exitStatus.failed,
  "too-many-entries": exitStatus.failed,
  "disk-full": exitStatus.failed,
  "quota-exceeded": exitStatus.failed,
  unreadable: exitStatus.failed,
  "archive-failed": exitStatus.failed,
  "directory-not-empty": exitStatus.conflict,
  exists: exitStatus.conflict,
  "changed-on-disk": exitStatus.conflict,
  "already-running": exitStatus.conflict,
  "in-use": exitStatus.conflict,
  "lock-lost": exitStatus.conflict,
  "no-terminal": exitStatus.usage,
  "no-jail": exitStatus.failed,
  "runner-failed": exitStatus.failed,
  "lock-not-found": exitStatus.notFound,
  "hand-not-found": exitStatus.notFound,
  "node-not-found": exitStatus.notFound,
  "node-unreachable": exitStatus.tryAgain,
  "too-many-runs": exitStatus.tryAgain,
  "too-many-transfers": exitStatus.tryAgain,
  "too-many-operations": exitStatus.tryAgain,
  "too-many-commands": exitStatus.tryAgain,
  "too-many-messages": exitStatus.tryAgain,
  "too-many-waiters": exitStatus.tryAgain,
  "too-many-logins": exitStatus.tryAgain,
  "login-unavailable": exitStatus.tryAgain,
  "too-many-sessions": exitStatus.tryAgain,
  draining: exitStatus.tryAgain,
  "database-unavailable": exitStatus.tryAgain,
  "database-unsupported": exitStatus.failed,
  "database-failed": exitStatus.failed,
  "migration-failed": exitStatus.failed,
  "port-in-use": exitStatus.failed,
  "data-in-use": exitStatus.failed,
  internal: exitStatus.failed,
} as const;

/** A code of `errorCodes`. */
export type ErrorCode = keyof typeof errorCodes;

/**
 * A failure that the person can understand and act on: `message` says what happened, `hint` what to do next. A message
 * begins with a lower-case letter and has no full stop, since it follows "classh: " on a command line. It never begins
 * with a name, because `sentence` capitalises the first letter. A hint is one or more whole sentences.
 */
export class UserError extends Error {
  override readonly name = "UserError";
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  /** More for programs: stands beside the message in the document that `--json` gives. */
  readonly facts: Readonly<Record<string, unknown>> | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    hint?: string,
    options?: { cause?: unknown; facts?: Readonly<Record<string, unknown>> },
  ) {
    super(message, options);
    this.code = code;
    this.hint = hint;
    this.facts = options?.facts;
  }

  get exitStatus(): number {
    return errorCodes[this.code];
  }
}

/** Linux's EDQUOT, "Disk quota exceeded", for which Node.js has no name: its code is "UNKNOWN" (seen on Node.js 20). */
const quotaExceeded = -122;

/** The `code` of a Node.js system error ("ENOENT"), or undefined for anything else. */
export function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  if (error.code === "UNKNOWN" && "errno" in error && error.errno === quotaExceeded) return "EDQUOT";
  return typeof error.code === "string" ? error.code : undefined;
}
