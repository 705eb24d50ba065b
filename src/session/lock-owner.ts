/** Who has or wants a lock, as JSON in the lock's row: for other processes, for lists and for people. */
import { spokenName } from "../auth/person-name.ts";

/** The owner of a lock, or one who waits for it. */
export interface LockOwner {
  readonly user: string;
  readonly name: string;
  /** The session; no other one of the same person has this id. */
  readonly session: string;
  /** The token of the run that this waiter wants to stop. */
  readonly stop?: number;
  /** Whether it is a run without a screen, which others of its kind may join. */
  readonly joinable?: boolean;
}

/** The text of an owner, at most 1000 bytes for the names that accounts may have. */
export function ownerText(
  person: { readonly username: string; readonly name: string | undefined },
  session: string,
  { stop, joinable }: Pick<LockOwner, "stop" | "joinable"> = {},
): string {
  const owner: LockOwner = {
    user: person.username,
    name: spokenName({ username: person.username, name: person.name ?? "" }),
    session,
    ...(stop === undefined ? {} : { stop }),
    ...(joinable ? { joinable } : {}),
  };
  return JSON.stringify(owner);
}

/**
 * Reads what `ownerText` wrote. Anything else, as of another version of classh, gives an owner without a username,
 * "Somebody else".
 */
export function parseOwner(text: string): LockOwner {
  try {
    const { user, name, session, stop, joinable } = JSON.parse(text) as Partial<LockOwner>;
    return {
      user: user ?? "",
      name: name ?? "Somebody else",
      session: session ?? "",
      ...(typeof stop === "number" ? { stop } : {}),
      ...(joinable === true ? { joinable } : {}),
    };
  } catch (error) {
    if (error instanceof SyntaxError) return { user: "", name: "Somebody else", session: "" };
    throw error;
  }
}

/** The one name of a file, whichever path it is opened by: a professor sees Ada's home as /students/ada. */
export function canonicalPath(path: string): string {
  return path.replace(/^\/students\/([^/]+)/, "/home/$1");
}
