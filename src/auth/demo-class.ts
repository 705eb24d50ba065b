/** The first accounts of a new installation, and the file with their initial passwords. */
import { randomUUID } from "node:crypto";
import { mkdir, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { syncDirectoryAt } from "../base/durable.ts";
import type { NewAccount } from "./account.ts";
import type { Accounts, CreatedAccount } from "./accounts.ts";

const admin: NewAccount = { username: "admin", role: "admin", name: "Administrator" };

const demoClass: readonly NewAccount[] = [
  admin,
  { username: "prof", role: "professor", name: "Barbara Liskov" },
  { username: "tia", role: "ta", name: "Tia Assistant", section: "A" },
  { username: "ada", role: "student", name: "Ada Lovelace", section: "A" },
  { username: "alan", role: "student", name: "Alan Turing", section: "A" },
  { username: "grace", role: "student", name: "Grace Hopper", section: "B" },
];

/**
 * On an empty database makes the demo class (or only `admin`) and writes the initial passwords to `file`, one line
 * `username password role` each, mode 0600. The file is complete before the accounts are committed, so that no account
 * exists without a known password. Resolves with the new accounts; none if there are accounts already.
 */
export async function createDemoClass(
  accounts: Accounts,
  file: string,
  options: { readonly demo: boolean },
): Promise<readonly CreatedAccount[]> {
  let made: readonly CreatedAccount[] = [];
  await accounts.addFirst(options.demo ? demoClass : [admin], async (created) => {
    await writePasswords(file, created);
    made = created;
  });
  return made;
}

async function writePasswords(file: string, created: readonly CreatedAccount[]): Promise<void> {
  const text = created.map(({ account, password }) => `${account.username} ${password} ${account.role}\n`).join("");
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const temporary = `${file}.${randomUUID()}`;
  try {
    const handle = await open(temporary, "wx", 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
    await syncDirectoryAt(dirname(file));
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
