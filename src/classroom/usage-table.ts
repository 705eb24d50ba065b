/** The table usage_days: what students did each day, as counts. */
import { people } from "../auth/users-table.ts";
import type { Database } from "../db/database.ts";

/** A number to add. `name` is empty where a kind has one number only. */
export interface UsageCount {
  /** "2026-11-30". */
  readonly day: string;
  /** The id of the account. */
  readonly user: number;
  readonly kind: "login" | "milliseconds" | "outcome" | "error";
  readonly name: string;
  readonly amount: number;
}

/** Which days and whom. */
export interface UsageRange {
  /** The first and the last day, "2026-11-30". */
  readonly from: string;
  readonly to: string;
  /** Students who are in one of these now; undefined for everybody, removed accounts included. */
  readonly sections?: readonly string[] | undefined;
}

/** Sums by "kind:name". */
export type UsageSums = Readonly<Record<string, number>>;

/** The sums of one student; of all removed accounts together where `username` is null. */
export interface StudentSums {
  readonly username: string | null;
  readonly name: string | null;
  readonly section: string | null;
  readonly sums: UsageSums;
}

/** The sums of one day, of `students` people. */
export interface DaySums {
  readonly day: string;
  readonly students: number;
  readonly sums: UsageSums;
}

/** Adds counts in one statement, which never waits for a database that is away. */
export async function addUsage(database: Database, counts: readonly UsageCount[]): Promise<void> {
  await database.queryAtOnce(
    // In one order, so that two processes can't wait for each other's rows.
    `INSERT INTO usage_days (day, user_id, kind, name, amount)
     SELECT day, user_id, kind, name, amount
     FROM unnest($1::date[], $2::int[], $3::text[], $4::text[], $5::bigint[]) AS r (day, user_id, kind, name, amount)
     ORDER BY day, user_id, kind, name
     ON CONFLICT (day, user_id, kind, name) DO UPDATE SET amount = usage_days.amount + excluded.amount`,
    [
      counts.map(({ day }) => day),
      counts.map(({ user }) => user),
      counts.map(({ kind }) => kind),
      counts.map(({ name }) => name),
      counts.map(({ amount }) => amount),
    ],
  );
}

const counted = `SELECT u.day, u.user_id, u.kind, u.name AS what, u.amount, p.username, p.name, p.section
  FROM usage_days u LEFT JOIN ${people} p ON p.id = u.user_id
  WHERE u.day BETWEEN $1::date AND $2::date AND ($3::text[] IS NULL OR p.section = ANY ($3))`;

/** What each student did, by user name; removed accounts together, last. */
export async function usageByStudent(database: Database, range: UsageRange): Promise<readonly StudentSums[]> {
  return await database.queryRepeatable<StudentSums>(
    `SELECT username, name, section, jsonb_object_agg(kind || ':' || what, amount) AS sums
     FROM (SELECT username, name, section, kind, what, sum(amount) AS amount FROM (${counted}) c GROUP BY 1, 2, 3, 4, 5) s
     GROUP BY username, name, section ORDER BY username NULLS LAST`,
    valuesOf(range),
  );
}

/** What was done each day on which there was anything, the oldest first. */
export async function usageByDay(database: Database, range: UsageRange): Promise<readonly DaySums[]> {
  return await database.queryRepeatable<DaySums>(
    `WITH counted AS (${counted})
     SELECT s.day::text, (SELECT count(DISTINCT user_id) FROM counted c WHERE c.day = s.day) AS students,
       jsonb_object_agg(kind || ':' || what, amount) AS sums
     FROM (SELECT day, kind, what, sum(amount) AS amount FROM counted GROUP BY 1, 2, 3) s GROUP BY s.day ORDER BY s.day`,
    valuesOf(range),
  );
}

/** Removes the counts of days before this one; resolves with the number of rows. */
export async function removeUsageBefore(database: Database, day: string): Promise<number> {
  const [row] = await database.query<{ removed: number }>(
    "WITH gone AS (DELETE FROM usage_days WHERE day < $1::date RETURNING 1) SELECT count(*) AS removed FROM gone",
    [day],
  );
  return row?.removed ?? 0;
}

function valuesOf({ from, to, sections }: UsageRange): readonly unknown[] {
  return [from, to, sections ?? null];
}
