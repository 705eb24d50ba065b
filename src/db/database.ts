/**
 * Theory of operation: one bounded pool of connections for the process. Getting a connection is retried for
 * `retrySeconds`, since nothing has been executed yet. A statement that was already sent is repeated only when the
 * caller says that this is harmless (`queryRepeatable`), because a lost connection leaves open whether it took effect.
 * What still fails then is `database-unavailable`, so that an outage is never taken for a wrong password or an empty
 * class.
 */
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { Pool, type PoolClient, type QueryResultRow } from "pg";
import { UserError } from "../base/errors.ts";
import type { Log } from "../base/log.ts";
import { timings } from "../base/measures.ts";
import { isConnectionFailure, translate, unavailable } from "./database-failures.ts";
import type { Queryable } from "./queryable.ts";
import { valueTypes } from "./value-types.ts";

/** How to reach the database, and how patiently. */
export interface DatabaseOptions {
  /** postgresql://USER@HOST/NAME, or with ?host=/directory for a socket. */
  readonly url: string;
  /** Bound of connections at once. */
  readonly poolSize: number;
  readonly statementTimeoutSeconds: number;
  /** Seconds to wait for a server that can't be reached; 0 tries once. */
  readonly retrySeconds: number;
  readonly log: Log;
}

/** SQL stays compatible with this version, that of Debian 12. */
const oldestVersion = 150_000;
/** Callers that may wait at once; with more, the database can't keep up, and waiting longer would not help them. */
const maxPending = 2000;
const firstPauseMs = 25;
const maxPauseMs = 500;
const connectSeconds = 5;
const maxPingMs = 3_000;

/** A connection in use. Setting `broken` keeps it from going back to the pool. */
interface Lease {
  readonly client: PoolClient;
  broken: Error | undefined;
}

/** A bounded pool of connections to PostgreSQL 15 or later. */
export class Database implements Queryable, AsyncDisposable {
  readonly #pool: Pool;
  readonly #retryMs: number;
  readonly #log: Log;
  /** Connections that broke between two statements, and the error. */
  readonly #broken = new WeakMap<object, Error>();
  #pending = 0;
  #available = true;
  #closing: Promise<void> | undefined;

  private constructor(options: DatabaseOptions) {
    this.#pool = createPool(options, this.#broken);
    this.#retryMs = options.retrySeconds * 1000;
    this.#log = options.log;
  }

  /**
   * A connected database of a supported version. Throws `database-unavailable`, `database-unsupported`, or
   * `database-failed` when the server refuses us.
   */
  static async connect(options: DatabaseOptions): Promise<Database> {
    const database = new Database(options);
    try {
      await database.#checkVersion();
      return database;
    } catch (error) {
      await database.close();
      if (error instanceof UserError) throw error;
      // The URL is not repeated here: it may hold a password.
      const words = asError(error).message;
      throw new UserError(
        "database-failed",
        `the database refuses classh: ${words}`,
        "Check DATABASE_URL: user, password, database name.",
        { cause: error },
      );
    }
  }

  /** Callers that wait for a connection. */
  get waiting(): number {
    return this.#pool.waitingCount;
  }

  /** Whether the last attempt to reach the server succeeded. */
  get available(): boolean {
    return this.#available;
  }

  /** One statement by itself. A connection that breaks after it was sent is an error and not a retry. */
  async query<T extends object>(text: string, values: readonly unknown[] = []): Promise<T[]> {
    return await this.#use(({ client }) => run<T>(client, text, values), false);
  }

  /** Like `query`, but fails at once when the server can't be reached: for callers that have a plan without it. */
  async queryAtOnce<T extends object>(text: string, values: readonly unknown[] = []): Promise<T[]> {
    return await this.#use(({ client }) => run<T>(client, text, values), false, { retryMs: 0 });
  }

  /** Like `query`, for statements that may be repeated without harm: they are sent again when the connection breaks. */
  async queryRepeatable<T extends object>(text: string, values: readonly unknown[] = []): Promise<T[]> {
    return await this.#use(({ client }) => run<T>(client, text, values), true);
  }

  /**
   * `work` in one transaction, which is committed at its end; what `work` throws rolls everything back and is thrown
   * on. Use only the argument inside: `this.query` would take a second connection, and enough of those at once wait for
   * each other.
   */
  async transaction<T>(work: (queryable: Queryable) => Promise<T>): Promise<T> {
    const inTransaction = async (lease: Lease): Promise<T> => {
      try {
        const result = await work({ query: async (text, values = []) => await run(lease.client, text, values) });
        await lease.client.query("COMMIT");
        return result;
      } catch (error) {
        await this.#rollBack(lease);
        throw error;
      }
    };
    return await this.#use(inTransaction, false, { first: "BEGIN" });
  }

  /**
   * Whether the server answers, asked once without retries. False also when it takes the question and is silent for
   * `withinMs`.
   */
  async ping(withinMs = maxPingMs): Promise<boolean> {
    const late = new AbortController();
    const answered = this.#ask(late.signal);
    const inTime = await Promise.race([answered, sleep(withinMs, false, { signal: late.signal }).catch(() => false)]);
    late.abort();
    return inTime;
  }

  /**
   * One question on a connection of the pool. A connection that has not answered when `late` fires is not used again.
   */
  async #ask(late: AbortSignal): Promise<boolean> {
    try {
      const client = await this.#pool.connect();
      if (late.aborted) {
        client.release();
        return false;
      }
      const silent = once(late, "abort").then(() => new Error("the server is silent"));
      const broken = await Promise.race([client.query("SELECT 1").then(() => undefined, asError), silent]);
      client.release(broken);
      this.#noteAvailable(!broken, broken);
      return !broken;
    } catch (error) {
      this.#noteAvailable(false, error);
      return false;
    }
  }

  /** Ends all connections once their statements are done. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#pool.end();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #checkVersion(): Promise<void> {
    const text =
      "SELECT current_setting('server_version_num')::int AS number, current_setting('server_version') AS name";
    const rows = await this.queryRepeatable<{ number: number; name: string }>(text);
    const version = rows[0] ?? { number: 0, name: "unknown" };
    if (version.number >= oldestVersion) return;
    throw new UserError(
      "database-unsupported",
      `the database server is PostgreSQL ${version.name}, and classh needs 15 or later`,
      "Point DATABASE_URL at a newer server, or leave it empty to use the embedded one.",
    );
  }

  /** Lends `work` a connection; retries as the theory of operation says. */
  async #use<T>(
    work: (lease: Lease) => Promise<T>,
    repeatable: boolean,
    { first, retryMs = this.#retryMs }: { first?: string; retryMs?: number } = {},
  ): Promise<T> {
    if (this.#pending >= maxPending) throw unavailable(new Error("too many statements are waiting"));
    this.#pending += 1;
    try {
      const deadline = performance.now() + retryMs;
      for (let pause = firstPauseMs; ; pause = Math.min(pause * 2, maxPauseMs)) {
        let started = false;
        try {
          return await this.#once(work, first, () => (started = true));
        } catch (error) {
          if (!isConnectionFailure(error)) throw translate(error);
          this.#noteAvailable(false, error);
          const late = performance.now() + pause > deadline;
          if (late || this.#closing || (started && !repeatable)) throw unavailable(error);
        }
        await sleep(pause);
      }
    } finally {
      this.#pending -= 1;
    }
  }

  async #once<T>(work: (lease: Lease) => Promise<T>, first: string | undefined, start: () => void): Promise<T> {
    const lease: Lease = { client: await this.#pool.connect(), broken: undefined };
    try {
      // Nothing was sent yet, so another connection may be tried for any kind of work.
      const broken = this.#broken.get(lease.client);
      if (broken) throw broken;
      if (first) await lease.client.query(first);
      start();
      const result = await work(lease);
      this.#noteAvailable(true);
      return result;
    } catch (error) {
      if (isConnectionFailure(error)) lease.broken ??= asError(error);
      throw error;
    } finally {
      lease.client.release(lease.broken ?? this.#broken.get(lease.client));
    }
  }

  async #rollBack(lease: Lease): Promise<void> {
    try {
      await lease.client.query("ROLLBACK");
    } catch (error) {
      // The server rolls back by itself when the connection ends; half a transaction must not go back to the pool.
      lease.broken = asError(error);
    }
  }

  #noteAvailable(available: boolean, error?: unknown): void {
    if (this.#available === available) return;
    this.#available = available;
    if (available) this.#log.info("database reached again");
    else this.#log.warn("database lost", { error: asError(error) });
  }
}

async function run<T extends object>(client: PoolClient, text: string, values: readonly unknown[]): Promise<T[]> {
  const began = timings.statement.start();
  try {
    const result = await client.query<T & QueryResultRow>(text, [...values]);
    return result.rows;
  } finally {
    timings.statement.end(began);
  }
}

/** `broken` collects connections that break while no statement runs. */
function createPool(options: DatabaseOptions, broken: WeakMap<object, Error>): Pool {
  const statementMs = Math.round(options.statementTimeoutSeconds * 1000);
  const pool = new Pool({
    connectionString: options.url,
    max: options.poolSize,
    application_name: "classh",
    connectionTimeoutMillis: connectSeconds * 1000,
    idleTimeoutMillis: 60_000,
    keepAlive: true,
    statement_timeout: statementMs,
    // A server that became unreachable never sends its own time-out.
    query_timeout: statementMs + 2000,
    idle_in_transaction_session_timeout: statementMs,
    types: valueTypes(),
  });
  pool.on("error", (error) => options.log.debug("an idle database connection ended", { error }));
  // The pool listens to idle connections only. One that breaks while it is lent, between two statements, would end the
  // process.
  pool.on("connect", (client) => client.on("error", (error) => broken.set(client, error)));
  return pool;
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
