/**
 * A list of accounts, as a spreadsheet has it, brought into the database: new people are added, differences changed,
 * and doing it again changes nothing. `plan` says what would happen; `apply` does it in one transaction and plans again
 * inside it, since somebody else may have changed accounts meanwhile.
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

/** One person of a list. An undefined field stays as it is; in a new account it is empty, and the role student. */
export interface RosterRow {
  /** Line in the list, from 1. */
  readonly number: number;
  readonly username: string;
  readonly name: string | undefined;
  readonly email: string | undefined;
  readonly role: Role | undefined;
  readonly section: string | undefined;
  /** Other sections in which the list has the person: staff teach them; a student is in one only, see `plan`. */
  readonly more: readonly string[];
  /** Sections that a member of the staff teaches besides their own. */
  readonly teaches: readonly string[] | undefined;
}

/** Why a row can't be used. */
export interface RosterProblem {
  readonly number: number;
  readonly problem: string;
}

/** An account that the list changes. */
export interface RosterUpdate {
  readonly row: RosterRow;
  readonly before: Account;
  /** Names of the fields that change. */
  readonly fields: readonly string[];
}

/** What a list would do. */
export interface RosterPlan {
  readonly added: readonly RosterRow[];
  readonly updated: readonly RosterUpdate[];
  readonly unchanged: readonly Account[];
  /** Sections that the list names and that don't exist yet. */
  readonly newSections: readonly string[];
  readonly problems: readonly RosterProblem[];
  /** Active students of the list's sections who are not in the list. */
  readonly missing: readonly Account[];
  /** Students whom the list has in several sections: `section` is the one they are put in, `left` the others. */
  readonly inSeveral: readonly {
    readonly username: string;
    readonly section: string;
    readonly left: readonly string[];
  }[];
}

/** What a list did. */
export interface AppliedRoster {
  readonly plan: RosterPlan;
  /** The new accounts and their passwords. */
  readonly created: readonly CreatedAccount[];
}

/** Lists of accounts. */
export class Roster {
  readonly #database: Database;
  readonly #hasher: PasswordHasher;

  constructor(options: { readonly database: Database; readonly hasher: PasswordHasher }) {
    this.#database = options.database;
    this.#hasher = options.hasher;
  }

  /**
   * What `apply` would do. `actor` is the person who asks: they can't change their own role. User names must be
   * different.
   */
  async plan(rows: readonly RosterRow[], actor: string): Promise<RosterPlan> {
    return await plan(this.#database, rows, actor);
  }

  /**
   * Applies the list, all or nothing. Throws `in-use` when accounts were changed meanwhile so that rows can't be used
   * any more, `not-permitted` when no admin would be left, and what `hashInitial` throws.
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
  const assigned = listed.map((row) => inOneSection(row, existing.get(row.username)));
  const rows = assigned.map(({ row }) => row);
  const inSeveral = assigned.flatMap(({ row, left }) =>
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
 * Staff teach all sections in which the list has them. A student is in one: the section they are in already, if it is
 * among them, so that the same list again changes nothing; otherwise the first.
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

/** Stores who teaches what: those who became students teach nothing, those with a list of sections teach these. */
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
