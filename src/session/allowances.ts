/** How often a person may do something, and the errors for doing it too often. */
import type { Role } from "../auth/roles.ts";
import { UserError } from "../base/errors.ts";
import type { Take } from "../limits/rate.ts";

/** Whose allowances these are, and the limiters that count. */
export interface AllowancesOptions {
  readonly person: { readonly username: string; readonly role: Role };
  /** The limiter of runs per minute, by username and role. */
  readonly runs: { take(key: string, kind?: string): Take | Promise<Take> };
  /** The limiter of saves and other file operations per minute, by username and role. */
  readonly fileOperations: { take(key: string, kind?: string): Take };
}

/** The allowances of one session. */
export class Allowances {
  readonly #options: AllowancesOptions;

  constructor(options: AllowancesOptions) {
    this.#options = options;
  }

  /** Counts one run. Throws `too-many-runs`. */
  async takeRun(): Promise<void> {
    const { person, runs } = this.#options;
    assertRunAllowed(await runs.take(person.username, person.role));
  }

  /** Counts one file operation. Throws `too-many-operations`. */
  takeFileOperation(): void {
    const { person, fileOperations } = this.#options;
    const taken = fileOperations.take(person.username, person.role);
    if (taken.allowed) return;
    const wait = Math.ceil(taken.retryAfterSeconds);
    throw new UserError(
      "too-many-operations",
      `too many file operations; try again in ${wait} s`,
      "Your text is kept.",
    );
  }
}

/** Throws `too-many-runs` when the limiter has refused a run. */
export function assertRunAllowed(taken: Take): void {
  if (taken.allowed) return;
  throw new UserError("too-many-runs", `too many runs; try again in ${Math.ceil(taken.retryAfterSeconds)} s`);
}
