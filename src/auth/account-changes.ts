/**
 * Changes that an admin makes to accounts. Each sets only the columns that it names, so that two admins who change
 * different fields of one account at once both get what they wanted. No change leaves a class without an active admin.
 */
import { UserError } from "../base/errors.ts";
import type { Database } from "../db/database.ts";
import { isDuplicate } from "../db/database-failures.ts";
import type { Queryable } from "../db/queryable.ts";
import {
  accountFromRow,
  checkNewAccount,
  missingAccount,
  type Account,
  type AccountState,
  type AccountStore,
  type CreatedAccount,
  type NewAccount,
} from "./account.ts";
import { deleteKeysOf } from "./account-keys.ts";
import { hashInitial, type InitialOptions } from "./initial-passwords.ts";
import type { PasswordHasher } from "./password-hasher.ts";
import { generatePassword } from "./passwords.ts";
import { ensureSections, stopTeaching } from "./sections-table.ts";
import {
  deleteUser,
  findUsers,
  lockUsersAndAdmins,
  people,
  renameUser,
  resetHashes,
  setUserFields,
  setUserState,
  setUserStore,
} from "./users-table.ts";

/** Fields to change; what is absent stays. An empty email or section removes it. */
export type AccountFields = Partial<Omit<NewAccount, "username">> & { readonly store?: AccountStore | undefined };

/** An account before and after a change. */
export interface AccountChange {
  readonly before: Account;
  readonly account: Account;
}

/** An account with a new initial password. */
export interface ResetAccount extends CreatedAccount {
  readonly keysRemoved: number;
}

/** The changes that an admin can make to accounts. */
export class AccountChanges {
  readonly #database: Database;
  readonly #hasher: PasswordHasher;

  constructor(options: { readonly database: Database; readonly hasher: PasswordHasher }) {
    this.#database = options.database;
    this.#hasher = options.hasher;
  }

  /**
   * Changes fields of an account. Throws `user-not-found`, `usage` or `bad-name` for an invalid value, `not-permitted`
   * for the last admin.
   */
  async set(username: string, fields: AccountFields): Promise<AccountChange> {
    const section = fields.section || undefined;
    checkNewAccount({
      username,
      role: fields.role ?? "student",
      name: fields.name,
      email: fields.email || undefined,
      section,
    });
    const { store } = fields;
    const hash = store === undefined ? "" : await this.#hasher.hashInitial(generatePassword());
    return await this.#change([username], async (transaction, before) => {
      if (store !== undefined) await setUserStore(transaction, username, { store, hash });
      if (section !== undefined) await ensureSections(transaction, [section]);
      const { name, role } = fields;
      await setUserFields(transaction, username, {
        name,
        role,
        email: fields.email === "" ? null : fields.email,
        section: fields.section === "" ? null : fields.section,
      });
      if (role === "student")
        await stopTeaching(
          transaction,
          before.map(({ id }) => id),
        );
    }).then(([change]) => change ?? missingAccount(username));
  }

  /**
   * Enables or disables accounts, all or none. Throws `user-not-found`, or `not-permitted` where no active admin would
   * be left.
   */
  async setState(usernames: readonly string[], state: AccountState): Promise<readonly AccountChange[]> {
    return await this.#change(usernames, async (transaction) => await setUserState(transaction, usernames, state));
  }

  /** Deletes the account and its keys; its entries in the audit trail stay. Throws as `setState`. */
  async remove(username: string): Promise<Account> {
    return await this.#database.transaction(async (transaction) => {
      const [before] = await lockAccounts(transaction, [username]);
      await deleteUser(transaction, username);
      await requireAdmin(transaction, before ? [before] : []);
      return before ?? missingAccount(username);
    });
  }

  /** Throws `bad-name`, `exists`, or `usage` when the account already has the name. */
  async requireFree(username: string, wanted: string): Promise<void> {
    checkNewAccount({ username: wanted, role: "student" });
    if (wanted === username) throw new UserError("usage", `the account is already called ${username}`);
    if ((await findUsers(this.#database, [wanted])).length > 0) throw taken(wanted);
  }

  /**
   * Renames the account and sets its state. `beforeCommit` renames what bears the name elsewhere: if it fails, nothing
   * is changed. Other tables that hold the name follow (migrations/0016). Throws `user-not-found`, `bad-name` or
   * `exists`.
   */
  async rename(
    username: string,
    wanted: string,
    state: AccountState,
    beforeCommit: () => Promise<void>,
  ): Promise<Account> {
    await this.requireFree(username, wanted);
    try {
      return await this.#database.transaction(async (transaction) => {
        await lockAccounts(transaction, [username]);
        const row = await renameUser(transaction, username, wanted, state);
        await beforeCommit();
        return row ? accountFromRow(row) : missingAccount(username);
      });
    } catch (cause) {
      throw isDuplicate(cause, "users_username_unique") ? taken(wanted, cause) : cause;
    }
  }

  /**
   * New initial passwords, all or none. Public keys are removed unless `keepKeys` is set: whoever added one could log
   * in again. Throws `user-not-found`, `not-permitted` where a password isn't kept here, and what `hashInitial` throws.
   */
  async resetPasswords(
    usernames: readonly string[],
    options: InitialOptions & { readonly keepKeys?: boolean } = {},
  ): Promise<readonly ResetAccount[]> {
    const removed = new Map<number, number>();
    const initial = await hashInitial(this.#hasher, usernames, options);
    const changes = await this.#change(usernames, async (transaction, before) => {
      refuseElsewhere(before);
      await resetHashes(transaction, new Map([...initial].map(([username, { hash }]) => [username, hash])));
      if (options.keepKeys) return;
      for (const id of await deleteKeysOf(
        transaction,
        before.map((account) => account.id),
      ))
        removed.set(id, (removed.get(id) ?? 0) + 1);
    });
    return changes.map(({ account }) => ({
      account,
      password: initial.get(account.username)?.password ?? "",
      keysRemoved: removed.get(account.id) ?? 0,
    }));
  }

  async #change(
    usernames: readonly string[],
    work: (transaction: Queryable, before: readonly Account[]) => Promise<void>,
  ): Promise<readonly AccountChange[]> {
    return await this.#database.transaction(async (transaction) => {
      const before = await lockAccounts(transaction, usernames);
      await work(transaction, before);
      await requireAdmin(transaction, before);
      const rows = await findUsers(transaction, usernames);
      const after = new Map(rows.map((row) => [row.id, accountFromRow(row)]));
      return before.map((account) => ({
        before: account,
        account: after.get(account.id) ?? missingAccount(account.username),
      }));
    });
  }
}

function refuseElsewhere(accounts: readonly Account[]): void {
  const elsewhere = accounts.filter(({ store }) => store !== "embedded").map(({ username }) => username);
  if (elsewhere.length === 0) return;
  throw new UserError(
    "not-permitted",
    `the passwords of these accounts are not kept here: ${elsewhere.slice(0, 10).join(", ")}${elsewhere.length > 10 ? " ..." : ""}`,
    "They are changed where they are kept. To keep one here from now on: user set USER --store embedded.",
  );
}

function taken(username: string, cause?: unknown): UserError {
  return new UserError("exists", `there is already an account ${username}`, "Choose another name.", { cause });
}

/** Accounts locked until the end of the transaction. Throws `user-not-found` for the first that is missing. */
async function lockAccounts(transaction: Queryable, usernames: readonly string[]): Promise<readonly Account[]> {
  await lockUsersAndAdmins(transaction, usernames);
  const rows = await findUsers(transaction, usernames);
  const found = new Set(rows.map(({ username }) => username));
  for (const username of usernames) if (!found.has(username)) missingAccount(username);
  return rows.map(accountFromRow);
}

/** Throws `not-permitted` when no active admin is left and one of `before` was one. */
export async function requireAdmin(transaction: Queryable, before: readonly Account[]): Promise<void> {
  if (!before.some(isActiveAdmin)) return;
  const rows = await transaction.query(`SELECT FROM ${people} p WHERE role = 'admin' AND state = 'active' LIMIT 1`);
  if (rows.length > 0) return;
  throw new UserError(
    "not-permitted",
    "that would leave the class without an admin",
    "Make somebody else an admin first: user set USER --role admin.",
  );
}

function isActiveAdmin(account: Account): boolean {
  return account.role === "admin" && account.state === "active";
}
