/**
 * The tables sections and section_staff: which sections there are, and which staff teach them without being in them.
 */
import type { Queryable } from "../db/queryable.ts";

/** All sections, for joins: name, title, created_at. */
export const sectionRows = "(SELECT name, title, created_at FROM sections)";

/** Which staff teach which section, for joins: section, user_id. */
export const taughtSections = "(SELECT section, user_id FROM section_staff)";

/**
 * A statement, for use in a WITH clause, that makes a section unless it exists or is null; `value` is its parameter.
 */
export function ensureSection(value: `$${number}`): string {
  return `INSERT INTO sections (name) SELECT ${value}::text WHERE ${value}::text IS NOT NULL ON CONFLICT DO NOTHING`;
}

/** Makes the sections that don't exist. */
export async function ensureSections(queryable: Queryable, names: readonly string[]): Promise<void> {
  await queryable.query("INSERT INTO sections (name) SELECT unnest($1::text[]) ON CONFLICT DO NOTHING", [names]);
}

/** Makes a section. Fails when there is one of that name (`isDuplicate`). */
export async function insertSection(queryable: Queryable, name: string): Promise<void> {
  await queryable.query("INSERT INTO sections (name) VALUES ($1)", [name]);
}

/** Locks a section until the end of the transaction; false when it does not exist. */
export async function lockSection(transaction: Queryable, name: string): Promise<boolean> {
  return (await transaction.query("SELECT FROM sections WHERE name = $1 FOR UPDATE", [name])).length > 0;
}

export async function setSectionTitle(queryable: Queryable, name: string, title: string): Promise<void> {
  await queryable.query("UPDATE sections SET title = $2 WHERE name = $1", [name, title]);
}

/** Renames a section; its people and staff follow. Fails when there is one of that name (`isDuplicate`). */
export async function renameSection(queryable: Queryable, name: string, wanted: string): Promise<void> {
  await queryable.query("UPDATE sections SET name = $2 WHERE name = $1", [name, wanted]);
}

export async function deleteSection(queryable: Queryable, name: string): Promise<void> {
  await queryable.query("DELETE FROM sections WHERE name = $1", [name]);
}

/** Removes all staff of a section, except those who are in it themselves. */
export async function clearStaff(queryable: Queryable, section: string): Promise<void> {
  await queryable.query("DELETE FROM section_staff WHERE section = $1", [section]);
}

/** Removes these people from the staff of all sections but their own. */
export async function stopTeaching(queryable: Queryable, userIds: readonly number[]): Promise<void> {
  await queryable.query("DELETE FROM section_staff WHERE user_id = ANY ($1)", [userIds]);
}

/** Adds staff to sections; each pair counts once. */
export async function teach(
  queryable: Queryable,
  pairs: readonly { readonly section: string; readonly userId: number }[],
): Promise<void> {
  await queryable.query(
    "INSERT INTO section_staff (section, user_id) SELECT DISTINCT section, id FROM unnest($1::text[], $2::integer[]) AS r (section, id)",
    [pairs.map(({ section }) => section), pairs.map(({ userId }) => userId)],
  );
}
