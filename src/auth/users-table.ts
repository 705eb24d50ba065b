/** The table users. Reads of other modules join `people`; statements that change or lock it are here. */
import type { Database } from "../db/database.ts";
import type { Queryable } from "../db/queryable.ts";
import type { AccountRow, AccountState, AccountStore, NewAccount } from "./account.ts";
import type { Role } from "./roles.ts";
import { ensureSection, taughtSections } from "./sections-table.ts";

const columns = `id, username, role, name, email, section, state, store, must_change_password, created_at, last_login_at,
  ARRAY(SELECT t.section FROM ${taughtSections} t WHERE t.user_id = users.id) AS taught`;

/** All accounts as rows of `AccountRow`, for joins; without secrets. */
export const people = `(SELECT ${columns} FROM users)`;

/** The accounts of a list, column by column. */
export interface UserColumns {
  readonly usernames: readonly string[];
  readonly names: readonly (string | null)[];
  readonly emails: readonly (string | null)[];
  readonly roles: readonly (Role | null)[];
  readonly sections: readonly (string | null)[];
}

/** The accounts of these names, by name. */
export async function findUsers(queryable: Queryable, usernames: readonly string[]): Promise<readonly AccountRow[]> {
  return await queryable.query<AccountRow>(`SELECT * FROM ${people} p WHERE username = ANY ($1) ORDER BY username`, [
    usernames,
  ]);
}

/** An account with the hash of its password, which is read nowhere else. */
export async function findWithHash(
  database: Database,
  username: string,
): Promise<(AccountRow & { readonly password_hash: string }) | undefined> {
  const [row] = await database.queryRepeatable<AccountRow & { readonly password_hash: string }>(
    `SELECT ${columns}, password_hash FROM users WHERE username = $1`,
    [username],
  );
  return row;
}

export async function hasUsers(queryable: Queryable): Promise<boolean> {
  const [row] = await queryable.query<{ found: boolean }>("SELECT EXISTS (SELECT FROM users) AS found");
  return row?.found === true;
}

/**
 * A new account, and its section if that does not exist. One of the external store has a hash that no password fits, and
 * none that must be changed. Fails when there is one of that name (`isDuplicate`).
 */
export async function insertUser(
  queryable: Queryable,
  account: NewAccount,
  hash: string,
  store: AccountStore = "embedded",
): Promise<AccountRow> {
  const [row] = await queryable.query<AccountRow>(
    // The foreign key is checked at the end of the statement.
    `WITH known AS (${ensureSection("$5")})
     INSERT INTO users (username, role, name, email, section, password_hash, store, must_change_password)
     VALUES ($1, $2, $3, $4, $5::text, $6, $7, $7 = 'embedded')
     RETURNING ${columns}`,
    [account.username, account.role, account.name ?? "", account.email, account.section, hash, store],
  );
  if (!row) throw new Error("an INSERT returned nothing");
  return row;
}

/** Sets a password that the person chose, if the account is active and still has the hash `old`. */
export async function changePassword(
  queryable: Queryable,
  username: string,
  { hash, old }: { readonly hash: string; readonly old: string },
): Promise<AccountRow | undefined> {
  const [row] = await queryable.query<AccountRow>(
    `UPDATE users SET password_hash = $2, must_change_password = false
     WHERE username = $1 AND password_hash = $3 AND state = 'active' RETURNING ${columns}`,
    [username, hash, old],
  );
  return row;
}

/** Replaces the hash by another one of the same password, if the account still has `old`. */
export async function replaceHash(
  queryable: Queryable,
  username: string,
  { hash, old }: { readonly hash: string; readonly old: string },
): Promise<void> {
  await queryable.query("UPDATE users SET password_hash = $2 WHERE username = $1 AND password_hash = $3", [
    username,
    hash,
    old,
  ]);
}

/** Stores the time of a login; undefined when there is no such account. */
export async function noteLogin(database: Database, username: string): Promise<AccountRow | undefined> {
  const [row] = await database.queryRepeatable<AccountRow>(
    `UPDATE users SET last_login_at = now() WHERE username = $1 RETURNING ${columns}`,
    [username],
  );
  return row;
}

/** Sets initial passwords: hashes by user name. */
export async function resetHashes(queryable: Queryable, hashes: ReadonlyMap<string, string>): Promise<void> {
  await queryable.query(
    `UPDATE users SET password_hash = r.hash, must_change_password = true
     FROM unnest($1::text[], $2::text[]) AS r (username, hash) WHERE users.username = r.username`,
    [[...hashes.keys()], [...hashes.values()]],
  );
}

/** Columns that may be set; SQL is built from this list only. */
const settable = ["name", "email", "role", "section"] as const;

/** Sets the fields named; null empties one. */
export async function setUserFields(
  queryable: Queryable,
  username: string,
  fields: Readonly<Partial<Record<(typeof settable)[number], string | null>>>,
): Promise<void> {
  const named = settable.filter((column) => fields[column] !== undefined);
  if (named.length === 0) return;
  const assignments = named.map((column, index) => `${column} = $${index + 2}`);
  await queryable.query(`UPDATE users SET ${assignments.join(", ")} WHERE username = $1`, [
    username,
    ...named.map((column) => fields[column]),
  ]);
}

export async function setUserState(
  queryable: Queryable,
  usernames: readonly string[],
  state: AccountState,
): Promise<void> {
  await queryable.query("UPDATE users SET state = $2 WHERE username = ANY ($1)", [usernames, state]);
}

/**
 * Renames an account and sets its state. Other tables that hold the name follow (migrations/0016). Fails when there is
 * one of that name (`isDuplicate`).
 */
export async function renameUser(
  queryable: Queryable,
  username: string,
  wanted: string,
  state: AccountState,
): Promise<AccountRow | undefined> {
  const [row] = await queryable.query<AccountRow>(
    `UPDATE users SET username = $2, state = $3 WHERE username = $1 RETURNING ${columns}`,
    [username, wanted, state],
  );
  return row;
}

/** Moves an account to another store. In neither does the password of before fit any longer: `hash` is of none. */
export async function setUserStore(
  queryable: Queryable,
  username: string,
  { store, hash }: { readonly store: AccountStore; readonly hash: string },
): Promise<void> {
  await queryable.query(
    `UPDATE users SET store = $2, password_hash = $3, must_change_password = ($2 = 'embedded')
     WHERE username = $1 AND store <> $2`,
    [username, store, hash],
  );
}

/** Deletes an account; its keys, and what it teaches, go with it. */
export async function deleteUser(queryable: Queryable, username: string): Promise<void> {
  await queryable.query("DELETE FROM users WHERE username = $1", [username]);
}

/** Adds a list of accounts; where a column is null the name is empty and the role student. */
export async function insertUsers(
  queryable: Queryable,
  { usernames, names, emails, roles, sections }: UserColumns,
  hashes: readonly string[],
): Promise<void> {
  await queryable.query(
    `INSERT INTO users (username, name, email, role, section, password_hash)
     SELECT username, coalesce(name, ''), email, coalesce(role, 'student'), section, hash
     FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[]) AS r (username, name, email, role, section, hash)`,
    [usernames, names, emails, roles, sections, hashes],
  );
}

/** Changes a list of accounts; where a column is null the field stays. */
export async function updateUsers(
  queryable: Queryable,
  { usernames, names, emails, roles, sections }: UserColumns,
): Promise<void> {
  await queryable.query(
    `UPDATE users u SET name = coalesce(r.name, u.name), email = coalesce(r.email, u.email),
       role = coalesce(r.role, u.role), section = coalesce(r.section, u.section)
     FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[]) AS r (username, name, email, role, section)
     WHERE u.username = r.username`,
    [usernames, names, emails, roles, sections],
  );
}

/** Keeps others from adding or changing accounts until the end of the transaction. */
export async function lockUsers(transaction: Queryable): Promise<void> {
  await transaction.query("LOCK TABLE users IN SHARE ROW EXCLUSIVE MODE");
}

/** Locks these accounts and all admins until the end of the transaction. */
export async function lockUsersAndAdmins(transaction: Queryable, usernames: readonly string[]): Promise<void> {
  // Before any row: an import, which locks the table, would otherwise wait for our rows while we wait for its table.
  await transaction.query("LOCK TABLE users IN ROW EXCLUSIVE MODE");
  // All admins, and everybody in the same order: two admins who demote each other wait for one another, without a
  // deadlock.
  await transaction.query("SELECT FROM users WHERE role = 'admin' OR username = ANY ($1) ORDER BY id FOR UPDATE", [
    usernames,
  ]);
}

/** Locks one account until the end of the transaction. */
export async function lockUser(transaction: Queryable, id: number): Promise<void> {
  await transaction.query("SELECT 1 FROM users WHERE id = $1 FOR UPDATE", [id]);
}

/** The accounts of these names; until the end of the transaction none of them can be removed or renamed. */
export async function lockRoles(
  transaction: Queryable,
  usernames: readonly string[],
): Promise<readonly { readonly id: number; readonly username: string; readonly role: Role }[]> {
  return await transaction.query("SELECT id, username, role FROM users WHERE username = ANY ($1) FOR KEY SHARE", [
    usernames,
  ]);
}
