/**
 * The table node_lease, which says which processes live (migrations/0002_coordination.sql and 0018). Whoever needs to know asks here, or
 * joins one of these relations. All but `beginLease` is safe to repeat.
 */
import type { Database } from "../db/database.ts";
import type { Queryable } from "../db/queryable.ts";
import type { Peer } from "./peer-watch.ts";
import type { ProcessIdentity } from "./process-identity.ts";

/** A row of one life of one process. */
export interface NewLease {
  readonly node: string;
  readonly name: string;
  /** Where the process listens for notifications; also the name of its connection. */
  readonly channel: string;
  readonly process: ProcessIdentity;
  readonly seconds: number;
  /** The life before this one, which ends in the same moment. */
  readonly previous: string | undefined;
}

/** What a beat found out besides. */
export interface Beat {
  /** Dead processes left locks behind. */
  readonly orphans: boolean;
  /** Other processes of this machine. */
  readonly peers: readonly Peer[];
  /** Processes of other machines use the database. */
  readonly others: boolean;
}

/** The living nodes, for joins: node, name, host, pid, started_at. */
export const livingNodes = "(SELECT node, name, host, pid, started_at FROM node_lease)";

const hasNoConnection =
  "NOT EXISTS (SELECT FROM pg_stat_activity a WHERE a.datname = current_database() AND a.application_name = n.channel)";

/** Nodes whose heartbeat has no connection to the database, for joins: node, host, and `expires`, a different text after every beat. */
export const silentNodes = `(SELECT n.node, n.host, n.expires_at::text AS expires FROM node_lease n WHERE ${hasNoConnection})`;

/** Begins a lease. One statement: what it ends and what it begins must not be seen apart. */
export async function beginLease(
  queryable: Queryable,
  { node, name, channel, process, seconds, previous }: NewLease,
): Promise<void> {
  await queryable.query(
    `WITH gone AS (DELETE FROM node_lease WHERE node = $7)
     INSERT INTO node_lease (node, name, channel, host, pid, process_start, expires_at)
     VALUES ($1, $2, $3, $4, $5, $6, clock_timestamp() + $8 * interval '1 second')`,
    [node, name, channel, process.host, process.pid, process.start, previous ?? "", seconds],
  );
}

/** Prolongs a lease; not `alive` when it had ended. `alone`: it is not to end by time while no other machine uses the database. */
export async function beat(
  queryable: Queryable,
  node: string,
  seconds: number,
  alone: boolean,
): Promise<(Beat & { readonly alive: boolean }) | undefined> {
  const [row] = await queryable.query<Beat & { readonly alive: boolean }>("SELECT * FROM lock_beat($1, $2, $3)", [
    node,
    seconds,
    alone,
  ]);
  return row;
}

/** Ends a lease: it has ended, or its end is certain. */
export async function endLease(database: Database, node: string): Promise<void> {
  await database.queryRepeatable("DELETE FROM node_lease WHERE node = $1", [node]);
}

/** Ends what a process that is gone had. */
export async function endLeasesOf(
  database: Database,
  { host, pid }: Pick<ProcessIdentity, "host" | "pid">,
): Promise<void> {
  await database.queryRepeatable("DELETE FROM node_lease WHERE host = $1 AND pid = $2", [host, pid]);
}

/** Ends a lease that is still silent, and the one that was seen. Resolves with whether it was. */
export async function endSilentLease(database: Database, node: string, expires: string): Promise<boolean> {
  const gone = await database.queryRepeatable(
    `DELETE FROM node_lease n WHERE n.node = $1 AND n.expires_at::text = $2 AND ${hasNoConnection} RETURNING n.node`,
    [node, expires],
  );
  return gone.length > 0;
}
