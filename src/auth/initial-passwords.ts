import type { PasswordHasher } from "./password-hasher.ts";
import { generatePassword } from "./passwords.ts";

export interface InitialPassword {
  /** To be shown once, and stored nowhere. */
  readonly password: string;
  readonly hash: string;
}

/** As many as the hasher works on at once: more would only fill its queue, and people who log in meanwhile would be turned away. */
const atOnce = 2;

/** A random initial password for each name, with its hash. `onProgress` is called with how many are done. Throws `too-many-logins`. */
export async function hashInitial(
  hasher: PasswordHasher,
  usernames: readonly string[],
  onProgress?: (done: number) => void,
): Promise<ReadonlyMap<string, InitialPassword>> {
  const made = new Map<string, InitialPassword>();
  const names = new Set(usernames).values();
  const work = async (): Promise<void> => {
    // Both workers take names from the one iterator.
    for (const username of names) {
      const password = generatePassword();
      made.set(username, { password, hash: await hasher.hashInitial(password) });
      onProgress?.(made.size);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return made;
}
