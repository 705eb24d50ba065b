/**
 * The accounts of the class. Every answer comes from the database, so that disabling an account or removing a key takes
 * effect with the next login, on every node. While the database is down calls throw `database-unavailable`; an outage
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
  type AccountStore,
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
import { ensureSections, teach } from "./sections-table.ts";
import {
  changePassword,
  findUsers,
  findWithHash,
  hasUsers,
  insertUser,
  lockUsers,
  noteLogin,
  people,
  replaceHash,
} from "./users-table.ts";

/** What accounts work with. */
export interface AccountsOptions {
  readonly database: Database;
  readonly hasher: PasswordHasher;
  /** Least number of characters of a password that somebody chooses. */
  readonly passwordLength: number;
  /** Where people of the external store change their passwords, as a sentence. */
  readonly passwordHelp?: string | undefined;
}

/** What `list` selects; everything given must match. */
export interface AccountFilter {
  readonly section?: string | undefined;
  readonly role?: Role | undefined;
  readonly state?: AccountState | undefined;
}

export type { CreatedAccount } from "./account.ts";

const maxEmail = 254;

/** The accounts of the class. */
export class Accounts {
  readonly #database: Database;
  readonly #hasher: PasswordHasher;
  readonly #passwordLength: number;
  readonly #passwordHelp: string | undefined;
  readonly #keys: AccountKeys;
  /** Changes that an admin makes. */
  readonly changes: AccountChanges;
  /** Changes of many accounts from a list. */
  readonly roster: Roster;
  readonly sections: Sections;

  constructor(options: AccountsOptions) {
    this.#database = options.database;
    this.#hasher = options.hasher;
    this.#passwordLength = options.passwordLength;
    this.#passwordHelp = options.passwordHelp || undefined;
    this.#keys = new AccountKeys(options.database);
    this.changes = new AccountChanges(options);
    this.roster = new Roster(options);
    this.sections = new Sections(options.database);
  }

  /** Passwords that wait for their turn to be checked. */
  get waitingPasswords(): number {
    return this.#hasher.queued;
  }

  /** The account of this name. */
  async find(username: string): Promise<Account | undefined> {
    return (await this.#row(username))?.account;
  }

  /** Like `find`, but throws `user-not-found`. */
  async get(username: string): Promise<Account> {
    return (await this.find(username)) ?? missingAccount(username);
  }

  /** All accounts that match the filter, by user name. */
  async list(filter: AccountFilter = {}): Promise<Account[]> {
    const rows = await this.#database.queryRepeatable<AccountRow>(
      `SELECT * FROM ${people} p
       WHERE ($1::text IS NULL OR section = $1) AND ($2::text IS NULL OR role = $2) AND ($3::text IS NULL OR state = $3)
       ORDER BY username`,
      [filter.section, filter.role, filter.state],
    );
    return rows.map(accountFromRow);
  }

  /**
   * A new account with a random initial password, to be changed at the first login. Throws `exists`, `bad-name` or
   * `usage`.
   */
  async add(wanted: NewAccount): Promise<CreatedAccount> {
    const account = { ...wanted, username: asUsername(wanted.username) };
    checkNewAccount(account);
    const password = generatePassword();
    return { account: await insert(this.#database, account, await this.#hasher.hashInitial(password)), password };
  }

  /**
   * A new account of the external store, and what it teaches. Throws as `add`. The caller has checked the names of
   * sections.
   */
  async addExternal(wanted: NewAccount & { readonly teaches?: readonly string[] | undefined }): Promise<Account> {
    const account = { ...wanted, username: asUsername(wanted.username) };
    checkNewAccount(account);
    const hash = await this.#hasher.hashInitial(generatePassword());
    const teaches = account.role === "student" ? [] : (wanted.teaches ?? []);
    return await this.#database.transaction(async (transaction) => {
      const { id } = await insert(transaction, account, hash, "external");
      await ensureSections(transaction, teaches);
      await teach(
        transaction,
        teaches.map((section) => ({ section, userId: id })),
      );
      const [row] = await findUsers(transaction, [account.username]);
      return row ? accountFromRow(row) : missingAccount(account.username);
    });
  }

  /**
   * Adds the first accounts, all or none, if there are no accounts at all; several starts at once are safe.
   * `beforeCommit` gets them with their passwords while a failure can still undo everything. Resolves with whether they
   * were added.
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
   * Sets a password that a person chose. `old`, if given, must be the current one (`wrong-password`). Throws
   * `bad-password` with the rule that it breaks, `user-not-found`, `account-disabled`, or `not-permitted` where the
   * password isn't kept here.
   */
  async setPassword(
    username: string,
    password: string,
    options: { readonly old?: string | undefined } = {},
  ): Promise<Account> {
    const { account, hash } = (await this.#row(username)) ?? missingAccount(username);
    this.refusePasswordElsewhere(account);
    // A turn for each person: at ten o'clock a whole class chooses passwords.
    const origin: Origin = { path: ["", "account", username], known: true, failures: 0 };
    if (options.old !== undefined && !(await this.#hasher.matches(options.old, hash, origin))) {
      throw new UserError("wrong-password", "the old password is wrong", "Type the password that you log in with.");
    }
    refuseDisabled(account);
    checkNewPassword(password, { minimumLength: this.#passwordLength, username, name: account.name });
    if (await this.#hasher.matches(password, hash, origin)) throw samePassword();
    const newHash = await this.#hasher.hash(password, origin);
    // Only if nobody changed it meanwhile: a form that was already open must not undo a teacher's reset.
    const changed = await changePassword(this.#database, username, { hash: newHash, old: hash });
    if (changed) return accountFromRow(changed);
    throw new UserError("in-use", "the account was changed at the same moment", "Log in and try again.");
  }

  /** Throws `not-permitted`, saying where to change it, for an account whose password isn't kept here. */
  refusePasswordElsewhere(account: Account): void {
    if (account.store === "embedded") return;
    throw new UserError(
      "not-permitted",
      "your password is not kept on this server",
      this.#passwordHelp ?? "Change it where you use it elsewhere; your teacher can tell you where that is.",
    );
  }

  /**
   * The user name that belongs to what somebody typed to log in: a user name, or an e-mail address that exactly one
   * account has. Anything else is returned as it is, and is no account's name.
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
   * The account if the password is right, otherwise undefined; unknown names take the same work. Only those who know
   * the password learn that an account is disabled, by `account-disabled`. `origin` is the place in the queue. Throws
   * `too-many-logins` when that is full.
   */
  async verifyPassword(username: string, password: string, origin?: Origin): Promise<Account | undefined> {
    const row = await this.#row(username);
    const isHere = row?.account.store === "embedded";
    const right = await this.#hasher.matches(password, isHere ? row.hash : undefined, origin);
    if (!row || !right) return undefined;
    refuseDisabled(row.account);
    // A random initial password has a cheap hash and needs no better one.
    if (!row.account.mustChangePassword && this.#hasher.isOutdated(row.hash))
      await this.#rehash(row.account, row.hash, password);
    return row.account;
  }

  /** Records a login. Resolves with the account as it is now; undefined when there is none of this name. */
  async recordLogin(username: string): Promise<Account | undefined> {
    const row = isUsername(username) ? await noteLogin(this.#database, username) : undefined;
    return row && accountFromRow(row);
  }

  /** The public keys of an account, oldest first. Throws `user-not-found`. */
  async keys(username: string): Promise<AccountKey[]> {
    return await this.#keys.list(await this.get(username));
  }

  /** Adds the key in one line of a .pub file. Throws `bad-key`, `exists`, or `user-not-found`. */
  async addKey(username: string, line: string): Promise<AccountKey> {
    return await this.#keys.add(await this.get(username), line);
  }

  /**
   * Removes the key with this fingerprint, or this number in `keys` (from 1). Throws `key-not-found` or
   * `user-not-found`.
   */
  async removeKey(username: string, which: string | number): Promise<AccountKey> {
    return await this.#keys.remove(await this.get(username), which);
  }

  /**
   * The active account of this name if the key is one of its own, otherwise undefined. `algorithm` is that of the key
   * or of its signature (rsa-sha2-256).
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

async function insert(
  queryable: Queryable,
  account: NewAccount,
  hash: string,
  store: AccountStore = "embedded",
): Promise<Account> {
  try {
    return accountFromRow(await insertUser(queryable, account, hash, store));
  } catch (error) {
    if (!isDuplicate(error)) throw error;
    throw new UserError("exists", `there is already an account ${account.username}`, "Choose another user name.", {
      cause: error,
    });
  }
}

/** Throws `account-disabled`. */
export function refuseDisabled(account: Account): void {
  if (account.state === "active") return;
  throw new UserError(
    "account-disabled",
    `the account ${account.username} is disabled`,
    "Ask your teacher to enable it.",
  );
}
