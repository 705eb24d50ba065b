/** What a person may do how often, and what they read when it was too often. */
import type { Role } from "../auth/roles.ts";
import { UserError } from "../base/errors.ts";
import type { Take } from "../limits/rate.ts";

export interface AllowancesOptions {
  readonly person: { readonly username: string; readonly role: Role };
  /** Programs a minute, by username and role. */
  readonly runs: { take(key: string, kind?: string): Take | Promise<Take> };
  /** Saves and other file operations a minute, by username and role. */
  readonly fileOperations: { take(key: string, kind?: string): Take };
}

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

/** Throws `too-many-runs` where the limiter said no. */
export function assertRunAllowed(taken: Take): void {
  if (taken.allowed) return;
  throw new UserError("too-many-runs", `too many runs; try again in ${Math.ceil(taken.retryAfterSeconds)} s`);
}
