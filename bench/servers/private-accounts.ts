/**
 * Accounts that only one process and its children know: /etc/passwd, shadow and group are covered by files of ours in a mount namespace of
 * their own, so that nothing of the machine's changes. Only root can do that.
 */
import { mkdir, readFile, writeFile, chown, chmod } from "node:fs/promises";
import { join } from "node:path";

export interface PrivateAccount {
  readonly name: string;
  readonly uid: number;
  readonly home: string;
  /** As crypt(3) writes it: what /etc/shadow has; "*" for nobody's password. */
  readonly hash: string;
}

/** Numbers that no account of this machine should have. */
const firstUid = 1_900_000_000;

const covered = ["passwd", "shadow", "group"] as const;

/** Makes homes for the accounts and files that name them below `directory`. Returns the accounts and the words that start a program which sees them. */
export async function makePrivateAccounts(
  directory: string,
  hashes: ReadonlyMap<string, string>,
): Promise<{ readonly accounts: readonly PrivateAccount[]; readonly launcher: readonly string[] }> {
  const accounts = [...hashes].map(([name, hash], index): PrivateAccount => {
    return { name, hash, uid: firstUid + index, home: join(directory, name) };
  });
  for (const { uid, home } of accounts) {
    await mkdir(home, { mode: 0o700 });
    await chown(home, uid, uid);
  }
  const lines: Record<(typeof covered)[number], readonly string[]> = {
    passwd: [
      // sshd's own account, which Debian makes when it installs sshd; a second line of the name is never read.
      "sshd:x:1899999999:65534::/run/sshd:/usr/sbin/nologin",
      ...accounts.map(({ name, uid, home }) => `${name}:x:${uid}:${uid}::${home}:/bin/sh`),
    ],
    shadow: accounts.map(({ name, hash }) => `${name}:${hash}:19000:0:99999:7:::`),
    group: accounts.map(({ name, uid }) => `${name}:x:${uid}:`),
  };
  for (const file of covered) {
    const path = join(directory, file);
    const system = await readFile(`/etc/${file}`, "utf8");
    await writeFile(path, system + lines[file].map((line) => `${line}\n`).join(""), { mode: 0o600 });
    await chmod(path, file === "shadow" ? 0o600 : 0o644);
  }
  const mounts = covered.map((file) => `mount --bind "$0/${file}" /etc/${file}`).join(" && ");
  return {
    accounts,
    launcher: ["unshare", "--mount", "--propagation", "private", "sh", "-c", `${mounts} && exec "$@"`, directory],
  };
}
