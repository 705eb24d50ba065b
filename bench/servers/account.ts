import { readFile } from "node:fs/promises";
import { userInfo } from "node:os";
import type { Account } from "../base/child.ts";

/** classh never serves as root: for root this is the account `classh`, which bin/start makes; for others it is undefined. */
export async function serviceAccount(): Promise<Account | undefined> {
  if (userInfo().uid !== 0) return undefined;
  const line = (await readFile("/etc/passwd", "utf8")).split("\n").find((line) => line.startsWith("classh:"));
  const [, , uid, gid] = line?.split(":") ?? [];
  if (uid === undefined || gid === undefined)
    throw new Error("there is no account classh; bin/start makes it, or run the bench as an ordinary user");
  return { uid: Number(uid), gid: Number(gid) };
}
