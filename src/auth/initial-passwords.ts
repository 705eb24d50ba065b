import { UserError } from "../base/errors.ts";
import type { PasswordHasher } from "./password-hasher.ts";
import { generatePassword } from "./passwords.ts";

/** An initial password and its hash. */
export interface InitialPassword {
  /** Shown once and stored nowhere. */
  readonly password: string;
  readonly hash: string;
}

/** Options of work that makes many passwords. */
export interface InitialOptions {
  /** Called with the number made so far. */
  readonly onProgress?: (done: number) => void;
  /** Aborted when whoever asked is gone: nobody would ever read the passwords. */
  readonly signal?: AbortSignal;
}

/**
 * As many as the hasher works on at once: more would fill its queue, and people who log in meanwhile would be refused.
 */
const atOnce = 2;

/**
 * A random initial password for each name, with its hash. Throws `too-many-logins`, or `in-use` when the signal is
 * aborted.
 */
export async function hashInitial(
  hasher: PasswordHasher,
  usernames: readonly string[],
  { onProgress, signal }: InitialOptions = {},
): Promise<ReadonlyMap<string, InitialPassword>> {
  const made = new Map<string, InitialPassword>();
  const names = new Set(usernames).values();
  let failed = false;
  const work = async (): Promise<void> => {
    // Both workers take names from one iterator.
    for (const username of names) {
      if (failed) return;
      requirePresent(signal);
      const password = generatePassword();
      made.set(username, { password, hash: await hasher.hashInitial(password) });
      onProgress?.(made.size);
    }
  };
  const results = await Promise.allSettled(
    Array.from({ length: atOnce }, () =>
      work().catch((error: unknown) => {
        failed = true;
        throw error;
      }),
    ),
  );
  for (const result of results) if (result.status === "rejected") throw result.reason;
  requirePresent(signal);
  return made;
}

function requirePresent(signal: AbortSignal | undefined): void {
  if (signal?.aborted)
    throw new UserError(
      "in-use",
      "the connection ended before everything was ready; nothing was changed",
      "Try again.",
    );
}
