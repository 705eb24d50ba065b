/**
 * The tables live_sessions and node_endpoints: the SQL of migrations/0003_cluster.sql and 0008_server_limits.sql, with
 * types. All of it is safe to repeat.
 */
import type { StudentWork } from "../classroom/work.ts";
import type { Database } from "../db/database.ts";
import { livingNodes, silentNodes } from "../locks/node-lease-table.ts";

/** How a node is reached. */
export interface NodeAddress {
  readonly node: string;
  /** Name for people. */
  readonly name: string;
  /** Equal for processes of one machine. */
  readonly host: string;
  /** Unix socket, for the same machine; undefined until the node has announced it. */
  readonly socket: string | undefined;
  /** HOST:PORT, for other machines. */
  readonly address: string | undefined;
}

/** "here": the person is connected; "running": a program runs as well. */
export type SessionState = "here" | "running" | "away";

/**
 * What lists show of a session beside the columns. It is kept small: it is written about once a second while it
 * changes.
 */
export interface SessionDetail {
  readonly role: string;
  readonly from: readonly string[];
  /** Milliseconds since the epoch, like all times here. */
  readonly awaySince: number | null;
  /** Time of the last key, exact to some seconds. */
  readonly activeAt: number;
  readonly file: string | null;
  readonly unsaved: readonly string[];
  readonly console: string;
  /** How the person is doing; null from a node that does not tell. */
  readonly work: StudentWork | null;
}

/** A session in the table. */
export interface SessionRow {
  readonly session: string;
  readonly username: string;
  readonly node: NodeAddress;
  readonly state: SessionState;
  readonly since: Date;
  readonly updatedAt: Date;
  readonly detail: SessionDetail;
}

/** A row to write. */
export interface SessionUpdate {
  readonly session: string;
  readonly username: string;
  /** ISO 8601. */
  readonly since: string;
  readonly state: SessionState;
  readonly detail: SessionDetail;
}

/** A living node. */
export interface NodeRow extends NodeAddress {
  readonly pid: number;
  readonly startedAt: Date;
  readonly draining: boolean;
  readonly sessions: number;
}

/** A node of another machine whose heartbeat has no connection to the database. */
export interface SilentNode {
  readonly node: string;
  /** End of its lease, exactly: it differs after every beat. */
  readonly expires: string;
  readonly address: string;
}

/** The answer to a claim. */
export type ClaimAnswer =
  | { readonly kind: "claimed" }
  | { readonly kind: "elsewhere"; readonly session: string; readonly at: NodeAddress }
  /** This process has no lease at present. */
  | { readonly kind: "no-lease" }
  /** There are as many sessions as there may be; `absent` is one whose person is away. */
  | { readonly kind: "full"; readonly absent: { readonly session: string; readonly at: NodeAddress } | undefined }
  /** Ask again. */
  | { readonly kind: "soon" };

interface AddressColumns {
  readonly node: string;
  readonly name: string;
  readonly host: string;
  readonly socket: string | null;
  readonly address: string | null;
}

const addressColumns = "n.node, n.name, n.host, e.socket, e.address";

/** The statements. */
export class SessionTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Claims a person's one session; `most` bounds the sessions of all nodes. */
  async claim(session: string, username: string, node: string, max: number): Promise<ClaimAnswer> {
    type Row = AddressColumns & { status: ClaimAnswer["kind"]; session: string | null };
    const [row] = await this.#database.queryRepeatable<Row>("SELECT * FROM session_claim($1, $2, $3, $4)", [
      session,
      username,
      node,
      max,
    ]);
    if (!row) throw new Error("no answer to session_claim");
    const found = row.session === null ? undefined : { session: row.session, at: addressOf(row) };
    switch (row.status) {
      case "elsewhere":
        // The statement may have been sent twice: then we find our own row.
        return found && found.session !== session ? { kind: "elsewhere", ...found } : { kind: "claimed" };
      case "full":
        return { kind: "full", absent: found };
      case "claimed":
      case "no-lease":
      case "soon":
        return { kind: row.status };
      default:
        return row.status satisfies never;
    }
  }

  /** Writes rows; resolves with sessions whose people have another one elsewhere. */
  async update(node: string, sessions: readonly SessionUpdate[]): Promise<readonly string[]> {
    const rows = await this.#database.queryRepeatable<{ displaced: string }>(
      "SELECT displaced FROM session_update($1, $2)",
      [node, JSON.stringify(sessions)],
    );
    return rows.map(({ displaced }) => displaced);
  }

  /** Sessions of this node that are too many: more than `most` people are away in all. */
  async surplus(node: string, max: number): Promise<readonly string[]> {
    const rows = await this.#database.queryRepeatable<{ surplus: string }>(
      "SELECT surplus FROM session_surplus($1, $2)",
      [node, max],
    );
    return rows.map(({ surplus }) => surplus);
  }

  /** Sessions of this node among the `most` of its machine whose people have been away longest. */
  async longestAway(node: string, max: number): Promise<readonly string[]> {
    const rows = await this.#database.queryRepeatable<{ session: string }>(
      `SELECT r.session FROM (
         SELECT s.session, s.node FROM live_sessions s JOIN ${livingNodes} n USING (node)
         WHERE s.detail ->> 'awaySince' IS NOT NULL AND n.host = (SELECT host FROM ${livingNodes} o WHERE node = $1)
         ORDER BY (s.detail ->> 'awaySince')::numeric, s.session LIMIT $2) r
       WHERE r.node = $1`,
      [node, max],
    );
    return rows.map(({ session }) => session);
  }

  async remove(sessions: readonly string[]): Promise<void> {
    await this.#database.queryRepeatable("DELETE FROM live_sessions WHERE session = ANY ($1)", [sessions]);
  }

  /** All sessions by name, or one person's. */
  async list(username?: string): Promise<SessionRow[]> {
    type Row = AddressColumns & Omit<SessionRow, "node" | "updatedAt"> & { updated_at: Date };
    const rows = await this.#database.queryRepeatable<Row>(
      `SELECT s.session, s.username, s.state, s.since, s.updated_at, s.detail, ${addressColumns}
       FROM live_sessions s JOIN ${livingNodes} n USING (node) LEFT JOIN node_endpoints e USING (node)
       WHERE $1::text IS NULL OR s.username = $1 ORDER BY s.username`,
      [username ?? null],
    );
    return rows.map(({ session, username: user, state, since, updated_at, detail, ...at }) => ({
      session,
      username: user,
      state,
      since,
      updatedAt: updated_at,
      detail: { ...untold(since), ...detail },
      node: addressOf(at),
    }));
  }

  /** Announces how this node is reached. */
  async announce(
    node: string,
    endpoint: { readonly socket: string; readonly address: string | undefined; readonly draining: boolean },
  ): Promise<void> {
    await this.#database.queryRepeatable(
      `INSERT INTO node_endpoints (node, socket, address, draining) SELECT n.node, $2, $3, $4 FROM ${livingNodes} n WHERE n.node = $1
       ON CONFLICT (node) DO UPDATE SET socket = excluded.socket, address = excluded.address, draining = excluded.draining`,
      [node, endpoint.socket, endpoint.address ?? null, endpoint.draining],
    );
  }

  async nodes(): Promise<NodeRow[]> {
    type Row = AddressColumns & { pid: number; started_at: Date; draining: boolean | null; sessions: number };
    const rows = await this.#database.queryRepeatable<Row>(
      `SELECT ${addressColumns}, n.pid, n.started_at, e.draining, (SELECT count(*) FROM live_sessions s WHERE s.node = n.node) AS sessions
       FROM ${livingNodes} n LEFT JOIN node_endpoints e USING (node) ORDER BY n.name, n.started_at, n.node`,
    );
    return rows.map(({ pid, started_at, draining, sessions, ...at }) => ({
      ...addressOf(at),
      pid,
      startedAt: started_at,
      draining: draining ?? false,
      sessions,
    }));
  }

  /** At most `most` silent nodes of other machines that have an address. */
  async silent(host: string, max: number): Promise<readonly SilentNode[]> {
    return await this.#database.queryRepeatable<SilentNode>(
      `SELECT n.node, n.expires, e.address FROM ${silentNodes} n JOIN node_endpoints e USING (node)
       WHERE n.host <> $1 AND e.address IS NOT NULL ORDER BY n.node LIMIT $2`,
      [host, max],
    );
  }
}

/** Details of a session that has only just begun, or whose node is older and sends less. */
function untold(since: Date): SessionDetail {
  return {
    role: "",
    from: [],
    awaySince: null,
    activeAt: since.getTime(),
    file: null,
    unsaved: [],
    console: "",
    work: null,
  };
}

function addressOf({ node, name, host, socket, address }: AddressColumns): NodeAddress {
  return { node, name, host, socket: socket ?? undefined, address: address ?? undefined };
}
