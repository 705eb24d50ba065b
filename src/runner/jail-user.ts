/**
 * Theory of operation: the kernel counts much by account: pending signals and timers, pipes, watches, descriptors in
 * flight, processes. So students' programs run as an account of their own where the server was started as root:
 * bin/prepare-jail-user has then made, for this server alone, a user namespace in which our account may assume that
 * identity, and a view of the data directory in which our files are that account's. On the disk they stay ours. The
 * broker lives in that namespace: there it may signal and inspect what runs as the jail's account, and nothing is root.
 */
import { readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { systemCode } from "../base/errors.ts";

/** The account that programs have on the host. */
export interface JailUser {
  readonly account: string;
  readonly uid: number;
  /** File that is the user namespace. */
  readonly namespace: string;
  /** What is below `source` belongs to the jail's account when seen below `view`. */
  readonly source: string;
  readonly view: string;
  /** Whether the namespace maps the group that terminals belong to. */
  readonly terminalGroup: boolean;
}

/** What bin/prepare-jail-user has made in a directory; undefined where it was not run, or failed. */
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

/**
 * The path of a directory of ours as the jail's account sees it; one elsewhere stays, and the jail has the access of
 * others.
 */
export function throughView(path: string, user: JailUser | undefined): string {
  if (!user) return path;
  const below = relative(user.source, path);
  return below === ".." || below.startsWith("../") ? path : join(user.view, below);
}
