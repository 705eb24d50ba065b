/**
 * A list of accounts, as a spreadsheet has them, brought into the database: what is new is added, what differs is changed, and
 * doing it again changes nothing. `plan` says what would happen; `apply` does it in one transaction, and plans again in there,
 * since somebody else may have changed accounts meanwhile.
 */
import { UserError } from "../base/errors.ts";
import type { Database } from "../db/database.ts";
import type { Queryable } from "../db/queryable.ts";
import { accountFromRow, type Account, type AccountRow, type CreatedAccount } from "./account.ts";
import { requireAdmin } from "./account-changes.ts";
import { hashInitial, type InitialOptions } from "./initial-passwords.ts";
import type { PasswordHasher } from "./password-hasher.ts";
import type { Role } from "./roles.ts";
import { ensureSections, sectionRows, stopTeaching, teach } from "./sections-table.ts";
import {
  findUsers,
  insertUsers,
  lockUsers,
  people,
  setUserState,
  updateUsers,
  type UserColumns,
} from "./users-table.ts";

/** One person of a list. What is undefined stays as it is; of a new account it is empty, and the role student. */
export interface RosterRow {
  /** Where it stands in the list: the line, from 1. */
  readonly number: number;
  readonly username: string;
  readonly name: string | undefined;
  readonly email: string | undefined;
  readonly role: Role | undefined;
  readonly section: string | undefined;
  /** Other sections of the list that the person is in: staff teach them; a student is in one, see `plan`. */
  readonly more: readonly string[];
  /** The sections that a member of the staff teaches besides their own. */
  readonly teaches: readonly string[] | undefined;
}

/** Why a row can't be used. */
export interface RosterProblem {
  readonly number: number;
  readonly problem: string;
}

export interface RosterUpdate {
  readonly row: RosterRow;
  readonly before: Account;
  /** The names of the fields that become different. */
  readonly fields: readonly string[];
}

export interface RosterPlan {
  readonly added: readonly RosterRow[];
  readonly updated: readonly RosterUpdate[];
  readonly unchanged: readonly Account[];
  /** Sections that the list names and that there are not yet. */
  readonly newSections: readonly string[];
  readonly problems: readonly RosterProblem[];
  /** Active students of the list's sections who are not in the list. */
  readonly missing: readonly Account[];
  /** Students of several sections, who are in one of them here. */
  readonly inSeveral: readonly {
    readonly username: string;
    readonly section: string;
    readonly left: readonly string[];
  }[];
}

export interface AppliedRoster {
  readonly plan: RosterPlan;
  /** The new accounts by user name, with their passwords. */
  readonly created: readonly CreatedAccount[];
}

export class Roster {
  readonly #database: Database;
  readonly #hasher: PasswordHasher;

  constructor(options: { readonly database: Database; readonly hasher: PasswordHasher }) {
    this.#database = options.database;
    this.#hasher = options.hasher;
  }

  /** What `apply` would do. `actor` is who asks: nobody takes their own role away. The user names are all different. */
  async plan(rows: readonly RosterRow[], actor: string): Promise<RosterPlan> {
    return await plan(this.#database, rows, actor);
  }

  /**
   * Adds and changes all of them or none. Throws `in-use` when accounts were changed meanwhile so that the rows can't be used any
   * more, `not-permitted` when no admin would be left, and what `hashInitial` throws.
   */
  async apply(
    rows: readonly RosterRow[],
    actor: string,
    options?: InitialOptions & { readonly disableMissing?: boolean },
  ): Promise<AppliedRoster> {
    const { added } = await this.plan(rows, actor);
    const initial = await hashInitial(
      this.#hasher,
      added.map(({ username }) => username),
      options,
    );
    return await this.#database.transaction(async (transaction) => {
      await lockUsers(transaction);
      const now = await plan(transaction, rows, actor);
      if (now.problems.length > 0 || now.added.some(({ username }) => !initial.has(username))) {
        throw new UserError("in-use", "accounts were changed at the same moment; nothing was imported", "Try again.");
      }
      await ensureSections(transaction, now.newSections);
      await insertUsers(
        transaction,
        columnsOf(now.added),
        now.added.map(({ username }) => initial.get(username)?.hash ?? ""),
      );
      await updateUsers(transaction, columnsOf(now.updated.map(({ row }) => row)));
      if (options?.disableMissing)
        await setUserState(
          transaction,
          now.missing.map(({ username }) => username),
          "disabled",
        );
      await setTaught(transaction, [...now.added, ...now.updated.map(({ row }) => row)]);
      await requireAdmin(
        transaction,
        now.updated.map(({ before }) => before),
      );
      const accounts = (
        await findUsers(
          transaction,
          now.added.map(({ username }) => username),
        )
      ).map(accountFromRow);
      return {
        plan: now,
        created: accounts.map((account) => ({ account, password: initial.get(account.username)?.password ?? "" })),
      };
    });
  }
}

async function plan(queryable: Queryable, listed: readonly RosterRow[], actor: string): Promise<RosterPlan> {
  const existing = new Map(
    (
      await findUsers(
        queryable,
        listed.map(({ username }) => username),
      )
    ).map((row) => [row.username, accountFromRow(row)]),
  );
  const sections = new Set(
    (await queryable.query<{ name: string }>(`SELECT name FROM ${sectionRows} s`)).map(({ name }) => name),
  );
  const settled = listed.map((row) => inOneSection(row, existing.get(row.username)));
  const rows = settled.map(({ row }) => row);
  const inSeveral = settled.flatMap(({ row, left }) =>
    left.length > 0 && row.section !== undefined ? [{ username: row.username, section: row.section, left }] : [],
  );
  const added: RosterRow[] = [];
  const updated: RosterUpdate[] = [];
  const unchanged: Account[] = [];
  const problems: RosterProblem[] = [];
  for (const row of rows) {
    const before = existing.get(row.username);
    const problem = problemOf(row, before, actor);
    const fields = before ? differences(row, before) : [];
    if (problem !== undefined) problems.push({ number: row.number, problem });
    else if (!before) added.push(row);
    else if (fields.length > 0) updated.push({ row, before, fields });
    else unchanged.push(before);
  }
  const named = [...added, ...updated.map(({ row }) => row)].flatMap(({ section, teaches }) => [
    ...(section === undefined ? [] : [section]),
    ...(teaches ?? []),
  ]);
  const newSections = [...new Set(named.filter((name) => !sections.has(name)))].toSorted();
  const missing = await missingFrom(queryable, rows, actor);
  return { added, updated, unchanged, newSections, problems, missing, inSeveral };
}

/**
 * Staff teach all sections that the list has them in. A student is in one: the one that she is in already, if that is among them, so that the same
 * list again changes nothing; otherwise the first.
 */
function inOneSection(
  row: RosterRow,
  before: Account | undefined,
): { readonly row: RosterRow; readonly left: readonly string[] } {
  if (row.more.length === 0) return { row, left: [] };
  if ((row.role ?? before?.role ?? "student") !== "student")
    return { row: { ...row, more: [], teaches: [...new Set([...(row.teaches ?? []), ...row.more])] }, left: [] };
  const all = [...(row.section === undefined ? [] : [row.section]), ...row.more];
  const section = all.find((name) => name === before?.section) ?? all[0];
  return { row: { ...row, section, more: [] }, left: all.filter((name) => name !== section) };
}

async function missingFrom(
  queryable: Queryable,
  rows: readonly RosterRow[],
  actor: string,
): Promise<readonly Account[]> {
  const sections = [...new Set(rows.flatMap(({ section }) => (section === undefined ? [] : [section])))];
  const found = await queryable.query<AccountRow>(
    `SELECT * FROM ${people} p
     WHERE role = 'student' AND state = 'active' AND section = ANY ($1) AND username <> ALL ($2) AND username <> $3 ORDER BY username`,
    [sections, rows.map(({ username }) => username), actor],
  );
  return found.map(accountFromRow);
}

function problemOf(row: RosterRow, before: Account | undefined, actor: string): string | undefined {
  const role = row.role ?? before?.role ?? "student";
  if (row.username === actor && before && role !== before.role) return "you can't change your own role";
  if (role === "student" && (row.teaches ?? []).length > 0) return `a student can't teach a section: ${row.username}`;
  return undefined;
}

function differences(row: RosterRow, before: Account): readonly string[] {
  const fields: string[] = (["name", "email", "role", "section"] as const).filter(
    (field) => row[field] !== undefined && row[field] !== before[field],
  );
  const section = row.section ?? before.section;
  const taught = row.teaches && new Set(section === undefined ? row.teaches : [...row.teaches, section]);
  const same = !taught || (taught.size === before.sections.length && before.sections.every((name) => taught.has(name)));
  return same || (before.role === "student" && row.role === undefined) ? fields : [...fields, "teaches"];
}

/** Who has become a student teaches no more; who has a list of sections teaches those. */
async function setTaught(transaction: Queryable, rows: readonly RosterRow[]): Promise<void> {
  const persons = new Map(
    (
      await findUsers(
        transaction,
        rows.map(({ username }) => username),
      )
    ).map((person) => [person.username, person]),
  );
  const ended = rows.filter(
    ({ username, teaches }) => teaches !== undefined || persons.get(username)?.role === "student",
  );
  await stopTeaching(
    transaction,
    ended.flatMap(({ username }) => persons.get(username)?.id ?? []),
  );
  await teach(
    transaction,
    rows.flatMap(({ username, teaches = [] }) => {
      const userId = persons.get(username)?.id;
      return userId === undefined ? [] : teaches.map((section) => ({ section, userId }));
    }),
  );
}

function columnsOf(rows: readonly RosterRow[]): UserColumns {
  return {
    usernames: rows.map(({ username }) => username),
    names: rows.map(({ name }) => name ?? null),
    emails: rows.map(({ email }) => email ?? null),
    roles: rows.map(({ role }) => role ?? null),
    sections: rows.map(({ section }) => section ?? null),
  };
}
