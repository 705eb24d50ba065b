/**
 * Theory of operation: the kernel counts much by account: signals and timers that wait, pipes, watches, descriptors in flight, processes.
 * So students' programs run as an account of their own where the server was started as root: bin/prepare-jail-user has then made, for
 * this server alone, a user namespace in which our account may give that identity away, and a view of the data directory in which our
 * files are that account's. On the disk they stay ours. The broker lives in that namespace: there it may signal and look at what runs as
 * the jail's account, and nothing is root.
 */
import { readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { systemCode } from "../base/errors.ts";

/** The identity that programs have on the host. */
export interface JailUser {
  readonly account: string;
  readonly uid: number;
  /** A file that is the user namespace. */
  readonly namespace: string;
  /** What is below `source` belongs to the jail's account when it is looked at below `view`. */
  readonly source: string;
  readonly view: string;
  /** Whether the namespace knows the group that terminals belong to. */
  readonly terminalGroup: boolean;
}

/** What bin/prepare-jail-user has made in a directory; undefined where it was not run, or could not. */
export async function findJailUser(directory: string): Promise<JailUser | undefined> {
  let text: string;
  try {
    text = await readFile(join(directory, "facts"), "utf8");
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    throw error;
  }
  const { source, uid, account, terminalGroup } = JSON.parse(text) as Pick<
    JailUser,
    "source" | "uid" | "account" | "terminalGroup"
  >;
  return {
    source,
    uid,
    account,
    terminalGroup,
    namespace: join(directory, "namespace"),
    view: join(directory, "view"),
  };
}

/** A directory of ours as one of the jail's account; one that lies elsewhere stays, and the jail can use it as anybody can. */
export function throughView(path: string, user: JailUser | undefined): string {
  if (!user) return path;
  const below = relative(user.source, path);
  return below === ".." || below.startsWith("../") ? path : join(user.view, below);
}
