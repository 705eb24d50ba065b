/**
 * The table node_lease, which says which processes are alive (migrations/0002_coordination.sql and 0018). Other modules
 * ask here, or join one of these relations. Everything but `beginLease` is safe to repeat.
 */
import type { Database } from "../db/database.ts";
import type { Queryable } from "../db/queryable.ts";
import type { Peer } from "./peer-watch.ts";
import type { ProcessIdentity } from "./process-identity.ts";

/** The row of a new lease. */
export interface NewLease {
  readonly node: string;
  readonly name: string;
  /** Channel on which the process listens; also the name of its connection. */
  readonly channel: string;
  readonly process: ProcessIdentity;
  readonly seconds: number;
  /** Node id of the process's earlier lease, which ends with this statement. */
  readonly previous: string | undefined;
}

/** What a beat finds out. */
export interface Beat {
  /** Whether dead processes left locks behind. */
  readonly orphans: boolean;
  /** Other processes of this machine. */
  readonly peers: readonly Peer[];
  /** Whether processes of other machines use the database. */
  readonly others: boolean;
}

/** The living nodes, for joins: node, name, host, pid, started_at. */
export const livingNodes = "(SELECT node, name, host, pid, started_at FROM node_lease)";

const hasNoConnection =
  "NOT EXISTS (SELECT FROM pg_stat_activity a WHERE a.datname = current_database() AND a.application_name = n.channel)";

/**
 * Nodes whose heartbeat has no connection to the database, for joins: node, host, and `expires`, which differs after
 * every beat.
 */
export const silentNodes = `(SELECT n.node, n.host, n.expires_at::text AS expires FROM node_lease n WHERE ${hasNoConnection})`;

/** Begins a lease and ends the previous one, in one statement: nobody may see one without the other. */
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

/**
 * Prolongs a lease; not `alive` when it had ended. `alone`: time does not end it while no other machine uses the
 * database.
 */
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

/** Ends the lease of a node that has ended, or certainly will. */
export async function endLease(database: Database, node: string): Promise<void> {
  await database.queryRepeatable("DELETE FROM node_lease WHERE node = $1", [node]);
}

/** Ends the leases of a process that is gone. */
export async function endLeasesOf(
  database: Database,
  { host, pid }: Pick<ProcessIdentity, "host" | "pid">,
): Promise<void> {
  await database.queryRepeatable("DELETE FROM node_lease WHERE host = $1 AND pid = $2", [host, pid]);
}

/** Ends a lease if it is still silent and still the one that was seen; resolves with whether it was. */
export async function endSilentLease(database: Database, node: string, expires: string): Promise<boolean> {
  const gone = await database.queryRepeatable(
    `DELETE FROM node_lease n WHERE n.node = $1 AND n.expires_at::text = $2 AND ${hasNoConnection} RETURNING n.node`,
    [node, expires],
  );
  return gone.length > 0;
}
