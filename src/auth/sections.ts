/** The sections (groups) of the class, and who teaches them. */
import { counted } from "../base/counted.ts";
import { UserError } from "../base/errors.ts";
import type { Database } from "../db/database.ts";
import { isDuplicate } from "../db/database-failures.ts";
import type { Queryable } from "../db/queryable.ts";
import { checkSectionName, checkText, missingAccount } from "./account.ts";
import {
  clearStaff,
  deleteSection,
  insertSection,
  lockSection,
  renameSection,
  sectionRows,
  setSectionTitle,
  taughtSections,
  teach,
} from "./sections-table.ts";
import { lockRoles, lockUsers, people } from "./users-table.ts";

/** A section and its people. */
export interface Section {
  readonly name: string;
  /** Empty when nobody gave one. */
  readonly title: string;
  readonly createdAt: Date;
  /** Students in it; `active` counts those with an active account. */
  readonly students: number;
  readonly active: number;
  /** User names of those who teach it. */
  readonly staff: readonly string[];
}

/** Fields to change; what is absent stays. */
export interface SectionFields {
  readonly title?: string | undefined;
  /** New name. */
  readonly rename?: string | undefined;
  /** User names of those who teach the section from now on, besides staff who are in it themselves. */
  readonly staff?: readonly string[] | undefined;
}

interface SectionRow {
  readonly name: string;
  readonly title: string;
  readonly created_at: Date;
  readonly students: number;
  readonly active: number;
  readonly staff: readonly string[];
}

const select = `SELECT name, title, created_at,
    (SELECT count(*) FROM ${people} u WHERE u.section = s.name AND u.role = 'student') AS students,
    (SELECT count(*) FROM ${people} u WHERE u.section = s.name AND u.role = 'student' AND u.state = 'active') AS active,
    ARRAY(SELECT u.username FROM ${people} u WHERE u.role <> 'student' AND (u.section = s.name
      OR EXISTS (SELECT FROM ${taughtSections} t WHERE t.section = s.name AND t.user_id = u.id)) ORDER BY u.username) AS staff
  FROM ${sectionRows} s`;

/** The sections of the class. */
export class Sections {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** All sections, by name. */
  async list(): Promise<readonly Section[]> {
    return (await this.#database.queryRepeatable<SectionRow>(`${select} ORDER BY name`)).map(fromRow);
  }

  /** The section of this name. */
  async find(name: string): Promise<Section | undefined> {
    return await find(this.#database, name);
  }

  /** A new section. Throws `exists`, `bad-name`, `usage` or `user-not-found`. */
  async add(name: string, fields: Omit<SectionFields, "rename">): Promise<Section> {
    checkSectionName(name);
    return await this.#changed(name, fields, async (transaction) => {
      await insertSection(transaction, name);
    });
  }

  /** Changes a section. Throws `section-not-found`, `user-not-found`, `exists`, `bad-name` or `usage`. */
  async set(name: string, fields: SectionFields): Promise<Section> {
    return await this.#changed(name, fields, async (transaction) => {
      // Renaming changes accounts; an import locks accounts first and sections second, and so do we.
      if (fields.rename !== undefined) await lockUsers(transaction);
      if (!(await lockSection(transaction, name))) missingSection(name);
    });
  }

  /** Removes a section that nobody is in. Throws `section-not-found` or `in-use`. */
  async remove(name: string): Promise<void> {
    await this.#database.transaction(async (transaction) => {
      await lockUsers(transaction);
      const [found] = await transaction.query<{ members: number }>(
        `SELECT (SELECT count(*) FROM ${people} u WHERE u.section = s.name) AS members FROM ${sectionRows} s WHERE s.name = $1`,
        [name],
      );
      if (!found) missingSection(name);
      if (found.members > 0) {
        const hint = "Move them first: user set USER --section OTHER; or rename it: section set NAME --rename NEW.";
        throw new UserError(
          "in-use",
          `the section ${name} still has ${counted(found.members, "person", "people")} in it`,
          hint,
        );
      }
      await deleteSection(transaction, name);
    });
  }

  async #changed(
    name: string,
    fields: SectionFields,
    before: (transaction: Queryable) => Promise<void>,
  ): Promise<Section> {
    checkText("title", fields.title, 100);
    if (fields.rename !== undefined) checkSectionName(fields.rename);
    try {
      return await this.#database.transaction(async (transaction) => {
        await before(transaction);
        if (fields.title !== undefined) await setSectionTitle(transaction, name, fields.title);
        if (fields.staff !== undefined) await setStaff(transaction, name, fields.staff);
        if (fields.rename !== undefined) await renameSection(transaction, name, fields.rename);
        return (await find(transaction, fields.rename ?? name)) ?? missingSection(name);
      });
    } catch (cause) {
      if (!isDuplicate(cause, "sections_pkey")) throw cause;
      throw new UserError(
        "exists",
        `there is already a section ${fields.rename ?? name}`,
        '"section list" shows all sections.',
        { cause },
      );
    }
  }
}

async function setStaff(transaction: Queryable, name: string, staff: readonly string[]): Promise<void> {
  const rows = await lockRoles(transaction, staff);
  const roles = new Map(rows.map(({ username, role }) => [username, role]));
  for (const username of staff) {
    if (!roles.has(username)) missingAccount(username);
    if (roles.get(username) !== "student") continue;
    throw new UserError(
      "usage",
      `a student can't teach a section: ${username}`,
      `Change their role first: user set ${username} --role ta.`,
    );
  }
  await clearStaff(transaction, name);
  await teach(
    transaction,
    rows.map(({ id }) => ({ section: name, userId: id })),
  );
}

async function find(queryable: Queryable, name: string): Promise<Section | undefined> {
  const [row] = await queryable.query<SectionRow>(`${select} WHERE name = $1`, [name]);
  return row && fromRow(row);
}

function fromRow({ name, title, created_at, students, active, staff }: SectionRow): Section {
  return { name, title, createdAt: created_at, students, active, staff };
}

/** Throws `section-not-found` for this name. */
export function missingSection(name: string): never {
  throw new UserError(
    "section-not-found",
    `there is no section ${JSON.stringify(name.slice(0, 50))}`,
    '"section list" shows all sections.',
  );
}
