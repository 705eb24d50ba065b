import { UserError } from "../base/errors.ts";
import { replaceUnseen } from "../base/invisible.ts";
import { isRole, roles, type Role } from "./roles.ts";

/** Whether the person may log in. */
export type AccountState = "active" | "disabled";

/** Where an account's password is: here, or with the login program of `auth.external`. */
export const accountStores = ["embedded", "external"] as const;
/** One of `accountStores`. */
export type AccountStore = (typeof accountStores)[number];

/** A person's account without secrets, as every part may hold it. */
export interface Account {
  readonly id: number;
  readonly username: string;
  readonly role: Role;
  /** Full name; empty when nobody entered one. */
  readonly name: string;
  readonly email: string | undefined;
  /** Section that the person is in. */
  readonly section: string | undefined;
  /** Names of the sections that the person teaches, including their own; empty for students. */
  readonly sections: readonly string[];
  readonly state: AccountState;
  /** Where the password is. */
  readonly store: AccountStore;
  /** True until the initial password has been replaced. */
  readonly mustChangePassword: boolean;
  readonly createdAt: Date;
  readonly lastLoginAt: Date | undefined;
}

/** The fields of a new account. */
export interface NewAccount {
  readonly username: string;
  readonly role: Role;
  readonly name?: string | undefined;
  readonly email?: string | undefined;
  readonly section?: string | undefined;
}

/** An account and its initial password, which is shown once and stored nowhere. */
export interface CreatedAccount {
  readonly account: Account;
  readonly password: string;
}

/** An account as a row of `people` (users-table.ts). */
export interface AccountRow {
  readonly id: number;
  readonly username: string;
  readonly role: Role;
  readonly name: string;
  readonly email: string | null;
  readonly section: string | null;
  readonly state: AccountState;
  readonly store: AccountStore;
  readonly must_change_password: boolean;
  readonly created_at: Date;
  readonly last_login_at: Date | null;
  readonly taught: readonly string[];
}

/** An account from its row. */
export function accountFromRow(row: AccountRow): Account {
  return {
    id: row.id,
    username: row.username,
    role: row.role,
    name: row.name,
    email: row.email ?? undefined,
    section: row.section ?? undefined,
    sections: sectionsOf(row),
    state: row.state,
    store: row.store,
    mustChangePassword: row.must_change_password,
    createdAt: row.created_at,
    lastLoginAt: row.last_login_at ?? undefined,
  };
}

function sectionsOf({ role, section, taught }: AccountRow): readonly string[] {
  if (role === "student") return [];
  return [...new Set(section === null ? taught : [section, ...taught])].toSorted();
}

/**
 * Names become folders, words of commands and the jail's user: first a letter or digit, no two dots in a row, no dot at
 * the end. So no name is "." or "..", hidden, or looks like an option. `users.username` and workspace/access.ts have
 * the same rule.
 */
const usernamePattern = /^(?!.*\.(?:\.|$))[a-z0-9][a-z0-9._-]{0,31}$/;

/** What was typed as a user name, in lower case, as all names are stored. */
export function asUsername(text: string): string {
  return text.toLowerCase();
}

/** Whether a text can be a user name; `users.username` has the same rule. */
export function isUsername(text: string): boolean {
  return usernamePattern.test(text);
}

/** Throws `user-not-found` for this name. */
export function missingAccount(username: string): never {
  const shown = isUsername(username) ? username : JSON.stringify(username.slice(0, 40));
  throw new UserError("user-not-found", `there is no account ${shown}`, '"user list" shows all accounts.');
}

/** Checks the fields of a new account. Throws `bad-name` or `usage` naming the value and the rule. */
export function checkNewAccount(account: NewAccount): void {
  if (!isUsername(account.username)) {
    const hint =
      "Use 1 to 32 letters, digits, single dots, - and _, beginning with a letter or digit: ada, mary.ann or 1234567.";
    throw new UserError("bad-name", `${JSON.stringify(account.username)} can't be a user name`, hint);
  }
  if (!isRole(account.role)) {
    throw new UserError(
      "usage",
      `there is no role ${JSON.stringify(account.role)}`,
      `The roles are ${roles.join(", ")}.`,
    );
  }
  checkText("name", account.name, 100);
  if (account.section !== undefined) checkSectionName(account.section);
  checkText("email", account.email, 254);
  if (account.email !== undefined && !/^[^\s@]+@[^\s@]+$/.test(account.email)) {
    throw new UserError(
      "usage",
      `${JSON.stringify(account.email)} is not an email address`,
      "Write it as name@example.edu.",
    );
  }
}

/**
 * Checks the name of a section. Throws `bad-name` or `usage`. It may hold no "|", which separates sections in lists.
 */
export function checkSectionName(name: string): void {
  checkText("section", name, 50);
  if (name !== "" && name === name.trim() && !name.includes("|")) return;
  throw new UserError(
    "bad-name",
    `${JSON.stringify(name)} can't be the name of a section`,
    "Use 1 to 50 characters, without | and without spaces at the beginning or end: A, or Monday 10am.",
  );
}

/**
 * Checks a text of an account. Throws `usage` when it is too long or holds unseen characters; `field` is its name in
 * the message.
 */
export function checkText(field: string, text: string | undefined, maxLength: number): void {
  if (text === undefined) return;
  // A control character in a name would reach every terminal that lists the class, and unseen characters make two names
  // look alike.
  if (replaceUnseen(text, "") !== text) {
    throw new UserError("usage", `the ${field} contains invisible characters`, "Type it instead of pasting it.");
  }
  if (text.length > maxLength) throw new UserError("usage", `the ${field} is longer than ${maxLength} characters`);
}
