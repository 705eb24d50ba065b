/**
 * The SQL of locks: for each operation one function of migrations/0002_coordination.sql, with types. All are safe to
 * repeat, so after a broken connection the statement is simply sent again.
 */
import type { Database } from "../db/database.ts";
import { endLease, endLeasesOf, livingNodes } from "./node-lease-table.ts";
import type { ProcessIdentity } from "./process-identity.ts";

/** A lock that passed to a request, with its new token. */
export interface Grant {
  readonly node: string;
  readonly request: number;
  readonly token: number;
}

/** Who has a lock that somebody else wants. */
export interface Holder {
  readonly node: string;
  readonly request: number;
  /** As its holder gave it to `acquire`. */
  readonly owner: string;
  readonly since: Date;
  readonly token: number;
}

/** A request for a lock, as its node knows it. */
export interface AcquireRequest {
  /** Key of the lock. */
  readonly key: string;
  /** The node's number for the request. */
  readonly id: number;
  /** Shown to others who want the lock. */
  readonly owner: string;
}

/** The answer to an `AcquireRequest`. */
export interface AcquireAnswer {
  readonly status: "granted" | "queued" | "held" | "no-lease";
  readonly token: number | undefined;
  readonly holder: Holder | undefined;
  readonly next: Grant | undefined;
}

/** A lock, for lists. */
export interface LockInfo {
  readonly name: string;
  readonly owner: string;
  /** Name of the process; its id if it is dead and not yet swept. */
  readonly node: string;
  readonly since: Date;
  readonly token: number;
  /** In the order in which they will be served. */
  readonly waiters: readonly { readonly id: string; readonly owner: string; readonly since: Date }[];
}

/** A process with a lease, for lists. */
export interface NodeInfo {
  readonly node: string;
  readonly name: string;
  readonly pid: number;
  readonly startedAt: Date;
  readonly locks: number;
}

/** A row of one node. `token` is undefined while the request waits. */
export interface OwnRow {
  readonly name: string;
  readonly request: number;
  readonly token: number | undefined;
}

interface NextRow {
  readonly next_node: string | null;
  readonly next_request: number | null;
  readonly next_token: number | null;
}

interface HeldRow {
  readonly held_node: string | null;
  readonly held_request: number | null;
}

/** The operations on locks. */
export class LockTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Takes the lock if it is free; otherwise queues the request if it is to wait. */
  async acquire(
    node: string,
    { key, id, owner }: AcquireRequest,
    { wait }: { readonly wait: boolean },
  ): Promise<AcquireAnswer> {
    type Row = NextRow &
      HeldRow & {
        status: AcquireAnswer["status"];
        token: number | null;
        held_owner: string;
        held_since: Date;
        held_token: number;
      };
    const row = await this.#one<Row>("SELECT * FROM lock_acquire($1, $2, $3, $4, $5)", [key, node, id, owner, wait]);
    const holder = heldBy(row);
    return {
      status: row.status,
      token: row.token ?? undefined,
      holder: holder && { ...holder, owner: row.held_owner, since: row.held_since, token: row.held_token },
      next: nextOf(row),
    };
  }

  /** Frees the lock if it still has this token, whoever holds it. */
  async release(
    name: string,
    token: number,
    caller: string,
  ): Promise<{ released: boolean; held: HeldBy | undefined; next: Grant | undefined }> {
    const row = await this.#one<NextRow & HeldRow & { released: boolean }>("SELECT * FROM lock_release($1, $2, $3)", [
      name,
      token,
      caller,
    ]);
    return { released: row.released, held: heldBy(row), next: nextOf(row) };
  }

  /** Removes a request, queued or granted. */
  async withdraw(
    name: string,
    node: string,
    request: number,
  ): Promise<{ held: HeldBy | undefined; next: Grant | undefined }> {
    const row = await this.#one<NextRow & HeldRow>("SELECT * FROM lock_withdraw($1, $2, $3)", [name, node, request]);
    return { held: heldBy(row), next: nextOf(row) };
  }

  /** Frees what dead nodes held; resolves with the names, and the grants to `caller`. */
  async sweep(caller: string): Promise<{ names: readonly string[]; next: readonly Grant[] }> {
    const rows = await this.#database.queryRepeatable<NextRow & { swept: string }>("SELECT * FROM lock_sweep($1)", [
      caller,
    ]);
    return { names: rows.map(({ swept }) => swept), next: rows.map(nextOf).filter((grant) => grant !== undefined) };
  }

  /** Ends the lease of a node that has ended, or certainly will. */
  async forget(node: string): Promise<void> {
    await endLease(this.#database, node);
  }

  /** All rows of a node. */
  async rowsOf(node: string): Promise<OwnRow[]> {
    const rows = await this.#database.queryRepeatable<{ name: string; request: number; token: number | null }>(
      "SELECT name, request, token FROM locks WHERE node = $1 UNION ALL SELECT name, request, NULL FROM lock_waiters WHERE node = $1",
      [node],
    );
    return rows.map((row) => ({ ...row, token: row.token ?? undefined }));
  }

  /** Who waits for the locks of a node, by the request that holds each. */
  async waitersFor(node: string): Promise<Map<number, { id: string; owner: string }[]>> {
    const rows = await this.#database.queryRepeatable<{ request: number; id: string; owner: string }>(
      `SELECT l.request, w.node || '/' || w.request AS id, w.owner FROM locks l JOIN lock_waiters w USING (name)
       WHERE l.node = $1 ORDER BY w.position`,
      [node],
    );
    const waiters = new Map<number, { id: string; owner: string }[]>();
    for (const { request, id, owner } of rows) waiters.set(request, [...(waiters.get(request) ?? []), { id, owner }]);
    return waiters;
  }

  /** All locks by name, or the one of this name. */
  async list(name?: string): Promise<LockInfo[]> {
    type Row = Omit<LockInfo, "waiters"> & { waiters: readonly { id: string; owner: string; since: string }[] };
    const rows = await this.#database.queryRepeatable<Row>(
      `SELECT l.name, l.owner, coalesce(n.name, l.node) AS node, l.since, l.token,
         (SELECT coalesce(jsonb_agg(jsonb_build_object('id', w.node || '/' || w.request, 'owner', w.owner, 'since', w.since) ORDER BY w.position), '[]')
          FROM lock_waiters w WHERE w.name = l.name) AS waiters
       FROM locks l LEFT JOIN ${livingNodes} n USING (node) WHERE $1::text IS NULL OR l.name = $1 ORDER BY l.name`,
      [name ?? null],
    );
    return rows.map((row) => ({
      ...row,
      waiters: row.waiters.map((waiter) => ({ ...waiter, since: new Date(waiter.since) })),
    }));
  }

  async nodes(): Promise<NodeInfo[]> {
    return await this.#database.queryRepeatable<NodeInfo>(
      `SELECT n.node, n.name, n.pid, n.started_at AS "startedAt", (SELECT count(*) FROM locks l WHERE l.node = n.node) AS locks
       FROM ${livingNodes} n ORDER BY n.started_at, n.node`,
    );
  }

  async #one<T extends object>(text: string, values: readonly unknown[]): Promise<T> {
    const [row] = await this.#database.queryRepeatable<T>(text, values);
    if (!row) throw new Error(`no answer to ${text}`);
    return row;
  }
}

/** The request that has the lock after an operation. */
export interface HeldBy {
  readonly node: string;
  readonly request: number;
}

function heldBy(row: HeldRow): HeldBy | undefined {
  if (row.held_node === null || row.held_request === null) return undefined;
  return { node: row.held_node, request: row.held_request };
}

function nextOf(row: NextRow): Grant | undefined {
  if (row.next_node === null || row.next_request === null || row.next_token === null) return undefined;
  return { node: row.next_node, request: row.next_request, token: row.next_token };
}

/** Ends the leases and sessions of a process that is gone, and passes its locks on. */
export async function forgetProcess(database: Database, process: Pick<ProcessIdentity, "host" | "pid">): Promise<void> {
  await endLeasesOf(database, process);
  await new LockTable(database).sweep("");
}
