/** A list of 500 people, imported as `user import` does it, without the connection. */
import { Accounts } from "../../src/auth/accounts.ts";
import { Audit } from "../../src/auth/audit.ts";
import { hashInitial } from "../../src/auth/initial-passwords.ts";
import { PasswordHasher } from "../../src/auth/password-hasher.ts";
import { silentLog } from "../../src/base/log.ts";
import { readRoster } from "../../src/commands/roster-csv.ts";
import type { Database } from "../../src/db/database.ts";

/** Milliseconds each. */
export interface RosterFigures {
  readonly people: number;
  readonly read: number;
  /** Planning, hashing, and the transaction. */
  readonly apply: number;
  /** The hashing in that, measured by itself. */
  readonly hash: number;
  readonly audit: number;
  /** The same list again: nothing changes. */
  readonly again: number;
}

export async function measureRoster(database: Database, quick: boolean): Promise<RosterFigures> {
  const people = quick ? 50 : 500;
  const hasher = new PasswordHasher({ cost: 10 });
  const accounts = new Accounts({ database, hasher, passwordLength: 10 });
  const audit = new Audit(database, silentLog);
  const lines = Array.from(
    { length: people },
    (_, index) => `student${index},"Student, Number ${index}",s${index}@example.edu,student,${"ABCDE"[index % 5]}\r\n`,
  );
  const list = Buffer.from(`\ufeffusername,name,email,role,section\r\n${lines.join("")}`);
  const [read, { rows }] = await timed(() => readRoster(list));
  const [hash] = await timed(() =>
    hashInitial(
      hasher,
      rows.map(({ username }) => username),
    ),
  );
  const [apply, { created }] = await timed(() => accounts.roster.apply(rows, "admin"));
  const entries = created.map(({ account }) => ({
    actor: "admin",
    action: "user.add",
    subject: account.username,
    result: "ok" as const,
  }));
  const [recorded] = await timed(() => Promise.all(entries.map((entry) => audit.record(entry))));
  const [again] = await timed(() => accounts.roster.apply(rows, "admin"));
  return { people, read, apply, hash, audit: recorded, again };
}

async function timed<T>(work: () => Promise<T>): Promise<readonly [number, T]> {
  const began = performance.now();
  const result = await work();
  return [performance.now() - began, result];
}
