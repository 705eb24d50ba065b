/**
 * A check of the audit trail's chain: the hash of each entry is SHA-256 over the previous hash and the entry itself.
 * The hashes are computed here rather than by the database, so that a database whose functions were changed does not
 * vouch for itself.
 */
import { createHash } from "node:crypto";
import type { Database } from "../db/database.ts";

/** A link of the chain: the number of an entry, and its hash in hexadecimal. */
export interface ChainLink {
  readonly id: number;
  readonly hash: string;
}

/** The first break of the chain. */
export interface Break {
  readonly id: number;
  /**
   * changed: its content does not match its hash, or it was moved. removed: entries from `id` on are missing. added:
   * not written as entries are. noted: differs from the link that was noted.
   */
  readonly what: "changed" | "removed" | "added" | "noted";
}

/** The result of a check. */
export interface ChainCheck {
  /** Entries whose chain is whole, up to the break if there is one. */
  readonly entries: number;
  /** Time of the oldest of them. */
  readonly since: Date | undefined;
  /** The newest of them: whoever notes it elsewhere can prove later that nothing before it was rewritten. */
  readonly head: ChainLink;
  /** Entries before the oldest that retention removed. */
  readonly removed: number;
  readonly break: Break | undefined;
}

interface Row {
  readonly id: number;
  readonly at: Date;
  readonly hash: string;
  readonly canonical: string;
}

interface Ends {
  readonly head: ChainLink | undefined;
  readonly anchor: ChainLink | undefined;
  /** Largest id in the table. */
  readonly last: number;
}

const batchSize = 2000;
/** Restarts of a check while retention removes what is being read, which it rarely does. */
const maxRestarts = 3;

/** The text that is hashed; the migration's `audit_hash` builds the same. */
const canonical = `jsonb_build_array(id, (extract(epoch FROM at) * 1000000)::bigint, actor, address, action, subject, result, detail)::text`;

/** Checks the whole chain in batches; entries written meanwhile are ignored. `noted` must be a part of it. */
export async function verifyChain(database: Database, noted?: ChainLink): Promise<ChainCheck> {
  for (let tries = 1; ; tries++) {
    const ends = await readEnds(database);
    const verdict = await walk(database, ends, noted);
    const pruned = verdict.break?.what === "removed" && (await readEnds(database)).anchor?.id !== ends.anchor?.id;
    if (!pruned || tries > maxRestarts) return verdict;
  }
}

async function walk(database: Database, ends: Ends, noted: ChainLink | undefined): Promise<ChainCheck> {
  const { head, anchor } = ends;
  const start = anchor ?? { id: 0, hash: "" };
  let link = start;
  let since: Date | undefined;
  const verdict = (broken?: Break): ChainCheck => ({
    entries: link.id - start.id,
    since,
    head: link,
    removed: start.id,
    break: broken,
  });
  if (!anchor || !head) return verdict({ id: start.id, what: "removed" });
  if (contradicts(noted, start)) return verdict({ id: start.id, what: "noted" });
  while (link.id < head.id) {
    const rows = await readRows(database, link.id, head.id);
    if (rows.length === 0) return verdict({ id: link.id + 1, what: "removed" });
    for (const row of rows) {
      const next = { id: row.id, hash: hashAfter(link, row) };
      const broken =
        breakBetween(link, next, row) ?? (contradicts(noted, next) ? { id: row.id, what: "noted" } : undefined);
      if (broken) return verdict(broken);
      since ??= row.at;
      link = next;
    }
  }
  return verdict(
    breakAtEnd(link, head, ends.last) ??
      (noted && noted.id > head.id ? { id: head.id + 1, what: "removed" } : undefined),
  );
}

/** The hash of an entry that follows this link. */
function hashAfter(link: ChainLink, row: Row): string {
  return createHash("sha256").update(Buffer.from(link.hash, "hex")).update(row.canonical).digest("hex");
}

/** Whether `noted` has the number of this link, but another hash. */
function contradicts(noted: ChainLink | undefined, link: ChainLink): boolean {
  return noted?.id === link.id && noted.hash !== link.hash;
}

function breakBetween(link: ChainLink, next: ChainLink, row: Row): Break | undefined {
  if (next.id !== link.id + 1) return { id: link.id + 1, what: "removed" };
  return next.hash === row.hash ? undefined : { id: row.id, what: "changed" };
}

/** The break between the last entry read and the stored head; `last` is the largest id in the table. */
function breakAtEnd(link: ChainLink, head: ChainLink, last: number): Break | undefined {
  if (link.hash !== head.hash) return { id: link.id, what: "changed" };
  return last > head.id ? { id: head.id + 1, what: "added" } : undefined;
}

/** The next entries after one id, up to another. */
async function readRows(database: Database, after: number, to: number): Promise<readonly Row[]> {
  return await database.queryRepeatable<Row>(
    `SELECT id, at, encode(hash, 'hex') AS hash, ${canonical} AS canonical FROM audit_log WHERE id > $1 AND id <= $2 ORDER BY id LIMIT $3`,
    [after, to, batchSize],
  );
}

/** Both ends, read in one statement so that they are consistent. */
async function readEnds(database: Database): Promise<Ends> {
  const [row] = await database.queryRepeatable<{ head: ChainLink | null; anchor: ChainLink | null; last: number }>(
    `SELECT (SELECT jsonb_build_object('id', id, 'hash', encode(hash, 'hex')) FROM audit_head) AS head,
       (SELECT jsonb_build_object('id', id, 'hash', encode(hash, 'hex')) FROM audit_anchor) AS anchor,
       (SELECT coalesce(max(id), 0) FROM audit_log) AS last`,
  );
  return { head: row?.head ?? undefined, anchor: row?.anchor ?? undefined, last: row?.last ?? 0 };
}
