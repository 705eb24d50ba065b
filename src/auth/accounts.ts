/**
 * The accounts of the class. Everything here answers from the database at once, so that disabling an account or taking
 * a key away holds from the next login on, on every node. A database that is down throws `database-unavailable`; it
 * never looks like a wrong password or an unknown name.
 */
import { UserError } from "../base/errors.ts";
import type { Database } from "../db/database.ts";
import { isDuplicate } from "../db/database-failures.ts";
import type { Queryable } from "../db/queryable.ts";
import {
  accountFromRow,
  asUsername,
  checkNewAccount,
  isUsername,
  missingAccount,
  type Account,
  type AccountRow,
  type AccountState,
  type CreatedAccount,
  type NewAccount,
} from "./account.ts";
import { AccountChanges } from "./account-changes.ts";
import { AccountKeys, type AccountKey } from "./account-keys.ts";
import type { Origin } from "./fair-queue.ts";
import type { PasswordHasher } from "./password-hasher.ts";
import { checkNewPassword, generatePassword, samePassword } from "./passwords.ts";
import type { Role } from "./roles.ts";
import { Roster } from "./roster.ts";
import { Sections } from "./sections.ts";
import {
  changePassword,
  findWithHash,
  hasUsers,
  insertUser,
  lockUsers,
  noteLogin,
  people,
  replaceHash,
} from "./users-table.ts";

export interface AccountsOptions {
  readonly database: Database;
  readonly hasher: PasswordHasher;
  /** Shortest password that people may choose. */
  readonly passwordLength: number;
}

export interface AccountFilter {
  readonly section?: string | undefined;
  readonly role?: Role | undefined;
  readonly state?: AccountState | undefined;
}

export type { CreatedAccount } from "./account.ts";

const maxEmail = 254;

export class Accounts {
  readonly #database: Database;
  readonly #hasher: PasswordHasher;
  readonly #passwordLength: number;
  readonly #keys: AccountKeys;
  /** What admins change about accounts. */
  readonly changes: AccountChanges;
  /** Many accounts from a list. */
  readonly roster: Roster;
  readonly sections: Sections;

  constructor(options: AccountsOptions) {
    this.#database = options.database;
    this.#hasher = options.hasher;
    this.#passwordLength = options.passwordLength;
    this.#keys = new AccountKeys(options.database);
    this.changes = new AccountChanges(options);
    this.roster = new Roster(options);
    this.sections = new Sections(options.database);
  }

  async find(username: string): Promise<Account | undefined> {
    return (await this.#row(username))?.account;
  }

  /** Like `find`; throws `user-not-found`. */
  async get(username: string): Promise<Account> {
    return (await this.find(username)) ?? missingAccount(username);
  }

  /** All accounts that fit the filter, by user name. */
  async list(filter: AccountFilter = {}): Promise<Account[]> {
    const rows = await this.#database.queryRepeatable<AccountRow>(
      `SELECT * FROM ${people} p
       WHERE ($1::text IS NULL OR section = $1) AND ($2::text IS NULL OR role = $2) AND ($3::text IS NULL OR state = $3)
       ORDER BY username`,
      [filter.section, filter.role, filter.state],
    );
    return rows.map(accountFromRow);
  }

  /** Adds an account with a random initial password, to be changed at the first login. Throws `exists`, `bad-name` or `usage`. */
  async add(wanted: NewAccount): Promise<CreatedAccount> {
    const account = { ...wanted, username: asUsername(wanted.username) };
    checkNewAccount(account);
    const password = generatePassword();
    return { account: await insert(this.#database, account, await this.#hasher.hashInitial(password)), password };
  }

  /**
   * Adds the first accounts, all or none, only while there are none at all; several starters at once are safe.
   * `beforeCommit` gets them with their passwords while failing can still undo everything. Returns whether it added.
   */
  async addFirst(
    wanted: readonly NewAccount[],
    beforeCommit: (created: readonly CreatedAccount[]) => Promise<void>,
  ): Promise<boolean> {
    if (await hasUsers(this.#database)) return false;
    for (const account of wanted) checkNewAccount(account);
    const passwords = wanted.map(() => generatePassword());
    const hashes = await Promise.all(passwords.map((password) => this.#hasher.hashInitial(password)));
    return await this.#database.transaction(async (transaction) => {
      await lockUsers(transaction);
      if (await hasUsers(transaction)) return false;
      const created: CreatedAccount[] = [];
      for (const [index, account] of wanted.entries()) {
        created.push({
          account: await insert(transaction, account, hashes[index] ?? ""),
          password: passwords[index] ?? "",
        });
      }
      await beforeCommit(created);
      return true;
    });
  }

  /**
   * Sets a password that a person chose. With `old` given, that must be the current one (`wrong-password`). Throws
   * `bad-password` with the reason when the rules refuse it, `user-not-found`, or `account-disabled`.
   */
  async setPassword(
    username: string,
    password: string,
    options: { readonly old?: string | undefined } = {},
  ): Promise<Account> {
    const { account, hash } = (await this.#row(username)) ?? missingAccount(username);
    // Each person's own turn: at ten o'clock a whole class chooses passwords.
    const origin: Origin = { path: ["", "account", username], known: true, failures: 0 };
    if (options.old !== undefined && !(await this.#hasher.matches(options.old, hash, origin))) {
      throw new UserError("wrong-password", "the old password is wrong", "Type the password that you log in with.");
    }
    refuseDisabled(account);
    checkNewPassword(password, { minimumLength: this.#passwordLength, username, name: account.name });
    if (await this.#hasher.matches(password, hash, origin)) throw samePassword();
    const newHash = await this.#hasher.hash(password, origin);
    // Only if nobody changed it meanwhile: a reset by the teacher must not be undone by a form that was already open.
    const changed = await changePassword(this.#database, username, { hash: newHash, old: hash });
    if (changed) return accountFromRow(changed);
    throw new UserError("in-use", "the account was changed at the same moment", "Log in and try again.");
  }

  /**
   * The user name that is meant by what somebody typed to log in: a user name, or an e-mail address that one account alone has. Anything else
   * is returned as it is, and no account has that name.
   */
  async loginName(typed: string): Promise<string> {
    const name = asUsername(typed.trim());
    if (!name.includes("@") || name.length > maxEmail) return isUsername(name) ? name : typed;
    const rows = await this.#database.queryRepeatable<{ username: string }>(
      `SELECT username FROM ${people} p WHERE lower(email) = $1 LIMIT 2`,
      [name],
    );
    return rows.length === 1 && rows[0] ? rows[0].username : typed;
  }

  /**
   * The account if the password is right, otherwise undefined; for unknown names after the same work. Only someone who
   * knows the password learns that an account is disabled: that throws `account-disabled`. `origin` says who waits for it.
   */
  async verifyPassword(username: string, password: string, origin?: Origin): Promise<Account | undefined> {
    const row = await this.#row(username);
    const right = await this.#hasher.matches(password, row?.hash, origin);
    if (!row || !right) return undefined;
    refuseDisabled(row.account);
    // A random initial password has a cheap hash, and needs no better one.
    if (!row.account.mustChangePassword && this.#hasher.isOutdated(row.hash))
      await this.#rehash(row.account, row.hash, password);
    return row.account;
  }

  /** Notes a login. Throws `user-not-found`, or `account-disabled` when the account was disabled meanwhile. */
  async recordLogin(username: string): Promise<Account> {
    const row = isUsername(username) ? await noteLogin(this.#database, username) : undefined;
    const account = row ? accountFromRow(row) : missingAccount(username);
    refuseDisabled(account);
    return account;
  }

  /** The account's public keys, oldest first. Throws `user-not-found`. */
  async keys(username: string): Promise<AccountKey[]> {
    return await this.#keys.list(await this.get(username));
  }

  /** Adds a key from one line of a .pub file. Throws `bad-key`, `exists`, or `user-not-found`. */
  async addKey(username: string, line: string): Promise<AccountKey> {
    return await this.#keys.add(await this.get(username), line);
  }

  /** Removes the key with this fingerprint or number in `keys` (from 1). Throws `key-not-found` or `user-not-found`. */
  async removeKey(username: string, which: string | number): Promise<AccountKey> {
    return await this.#keys.remove(await this.get(username), which);
  }

  /**
   * The account if this key is one of its own. `algorithm` may be the key's or its signature's (rsa-sha2-256). Returns
   * undefined for disabled accounts as for unknown ones.
   */
  async findKey(username: string, algorithm: string, blob: Buffer): Promise<Account | undefined> {
    if (!isUsername(username)) return undefined;
    const row = await this.#keys.owner(username, algorithm, blob);
    return row && accountFromRow(row);
  }

  async #row(username: string): Promise<{ readonly account: Account; readonly hash: string } | undefined> {
    const row = await findWithHash(this.#database, isUsername(username) ? username : "");
    return row && { account: accountFromRow(row), hash: row.password_hash };
  }

  async #rehash(account: Account, hash: string, password: string): Promise<void> {
    await replaceHash(this.#database, account.username, { hash: await this.#hasher.hash(password), old: hash });
  }
}

async function insert(queryable: Queryable, account: NewAccount, hash: string): Promise<Account> {
  try {
    return accountFromRow(await insertUser(queryable, account, hash));
  } catch (error) {
    if (!isDuplicate(error)) throw error;
    throw new UserError("exists", `there is already an account ${account.username}`, "Choose another user name.", {
      cause: error,
    });
  }
}

function refuseDisabled(account: Account): void {
  if (account.state === "active") return;
  throw new UserError(
    "account-disabled",
    `the account ${account.username} is disabled`,
    "Ask your teacher to enable it.",
  );
}
