/**
 * Theory of operation: after migrations were applied, a description of the schema is stored in the database: tables,
 * columns, functions, triggers, constraints and sequences. A start compares: whatever is missing or different was
 * changed by hand, or by a restore that was interrupted. What was added does not matter, and neither do indexes:
 * without one the database is slow, and works.
 */
import { UserError } from "../base/errors.ts";

/** A connection or the pool. */
interface Asked {
  query(text: string): Promise<readonly object[]>;
}

interface Difference {
  readonly kind: string;
  readonly name: string;
  readonly missing: boolean;
}

/** Differences that are named; more are only counted. */
const maxNamed = 5;

const present = `
  WITH ours AS (SELECT c.oid, c.relname, c.relkind FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace)
  SELECT 'table' AS kind, relname::text AS name, '' AS detail FROM ours WHERE relkind IN ('r', 'p')
  UNION ALL SELECT 'sequence', relname::text, '' FROM ours WHERE relkind = 'S'
  UNION ALL SELECT 'column', o.relname || '.' || a.attname, format_type(a.atttypid, a.atttypmod) || CASE WHEN a.attnotnull THEN ' not null' ELSE '' END
    FROM pg_attribute a JOIN ours o ON o.oid = a.attrelid WHERE o.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped
  UNION ALL SELECT 'constraint', o.relname || '.' || k.conname, k.contype::text FROM pg_constraint k JOIN ours o ON o.oid = k.conrelid WHERE k.contype <> 'n'
  UNION ALL SELECT 'trigger', o.relname || '.' || t.tgname, t.tgenabled::text FROM pg_trigger t JOIN ours o ON o.oid = t.tgrelid WHERE NOT t.tgisinternal
  UNION ALL SELECT 'function', p.oid::regprocedure::text, md5(p.prosrc) FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')`;

/** Stores what is there now; to be called inside the lock of the migrations. */
export async function recordSchema(database: Asked): Promise<void> {
  await database.query(`WITH gone AS (DELETE FROM schema_record), now AS (${present})
    INSERT INTO schema_record (kind, name, detail) SELECT kind, name, detail FROM now
    ON CONFLICT (kind, name) DO UPDATE SET detail = excluded.detail`);
}

/** What is missing or different; also empty for a database without a record. */
export async function compareSchema(database: Asked): Promise<readonly string[]> {
  const [known] = (await database.query(
    "SELECT to_regclass('public.schema_record') IS NOT NULL AS there",
  )) as readonly { readonly there: boolean }[];
  if (!known?.there) return [];
  const rows = (await database.query(
    `WITH now AS (${present}) SELECT r.kind, r.name, n.kind IS NULL AS missing FROM schema_record r LEFT JOIN now n USING (kind, name)
     WHERE n.kind IS NULL OR n.detail <> r.detail ORDER BY array_position(ARRAY['table', 'column', 'function'], r.kind), r.kind, r.name`,
  )) as readonly Difference[];
  const tables = new Set(rows.filter(({ kind, missing }) => kind === "table" && missing).map(({ name }) => name));
  // The columns of a missing table need no mention.
  return rows
    .filter(({ kind, name }) => kind === "table" || !tables.has(name.slice(0, name.indexOf("."))))
    .map(({ kind, name, missing }) => `${kind} ${name} is ${missing ? "missing" : "not as it was made"}`);
}

/** Throws `database-failed` naming what was changed. */
export async function refuseChangedSchema(database: Asked): Promise<void> {
  const differences = await compareSchema(database);
  if (differences.length === 0) return;
  const named = differences.slice(0, maxNamed).join(", ");
  const more = differences.length > maxNamed ? `, and ${differences.length - maxNamed} more` : "";
  throw new UserError(
    "database-failed",
    `the database is not as classh made it: ${named}${more}`,
    "Restore the database from a backup, or undo what was changed in it by hand.",
  );
}
