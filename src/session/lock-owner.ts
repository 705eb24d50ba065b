/** Who has or wants a lock, as it stands in the lock's row: JSON, for other processes, for lists and for people. */
import { spokenName } from "../auth/person-name.ts";

export interface LockOwner {
  readonly user: string;
  readonly name: string;
  /** The session that asks; no other place of the same person has it. */
  readonly session: string;
  /** The token of the run that this waiter wants to be stopped. */
  readonly stop?: number;
}

/** At most 1000 bytes for the names that accounts may have. */
export function ownerText(
  person: { readonly username: string; readonly name: string | undefined },
  session: string,
  stop?: number,
): string {
  const owner: LockOwner = {
    user: person.username,
    name: spokenName({ username: person.username, name: person.name ?? "" }),
    session,
    ...(stop === undefined ? {} : { stop }),
  };
  return JSON.stringify(owner);
}

/** Reads what `ownerText` wrote; other versions of classh may have written something else. */
export function parseOwner(text: string): LockOwner {
  try {
    const { user, name, session, stop } = JSON.parse(text) as Partial<LockOwner>;
    return {
      user: user ?? "",
      name: name ?? "Somebody else",
      session: session ?? "",
      ...(typeof stop === "number" ? { stop } : {}),
    };
  } catch (error) {
    if (error instanceof SyntaxError) return { user: "", name: "Somebody else", session: "" };
    throw error;
  }
}

/** One file has one name, under whichever path it is opened: a professor sees Ada's home as /students/ada. */
export function canonicalPath(path: string): string {
  return path.replace(/^\/students\/([^/]+)/, "/home/$1");
}
