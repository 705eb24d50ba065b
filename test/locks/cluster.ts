/** Several lock managers on one database, each behind a network of its own: what several servers are to each other. */
import { systemClock } from "../../src/base/clock.ts";
import { silentLog } from "../../src/base/log.ts";
import { Scope } from "../../src/base/scope.ts";
import { Database } from "../../src/db/database.ts";
import { LockManager } from "../../src/locks/lock-manager.ts";
import type { Machines } from "../../src/locks/outage-policy.ts";
import { poolOptions, testDatabase, type TestDatabase } from "../support/database.ts";
import { DatabaseProxy } from "../support/database-proxy.ts";
import { patience } from "../support/patience.ts";

export interface Node {
  readonly locks: LockManager;
  readonly network: DatabaseProxy;
}

export class Cluster implements AsyncDisposable {
  readonly fixture: TestDatabase;
  readonly #scope: Scope;

  private constructor(fixture: TestDatabase, scope: Scope) {
    this.fixture = fixture;
    this.#scope = scope;
  }

  static async start(): Promise<Cluster> {
    const scope = new Scope("cluster");
    return new Cluster(scope.own(await testDatabase()), scope);
  }

  /**
   * One more node; `prepare` sees its network before it begins. Its statements are not repeated for long, so that tests of outages are
   * quick, unless it is `patient`: one that must not fail however busy the machine is.
   */
  async node(
    name: string,
    {
      leaseSeconds = 10,
      machines = "several",
      patient = false,
      prepare,
    }: {
      leaseSeconds?: number;
      machines?: Machines;
      patient?: boolean;
      prepare?: (network: DatabaseProxy) => void;
    } = {},
  ): Promise<Node> {
    const network = this.#scope.own(await DatabaseProxy.start(this.fixture.url));
    const bounds = patient
      ? { statementTimeoutSeconds: patience, retrySeconds: patience }
      : { statementTimeoutSeconds: 3, retrySeconds: 0.3 };
    const options = { ...poolOptions(network.url), ...bounds };
    const database = this.#scope.own(await Database.connect(options));
    prepare?.(network);
    const start = { database, url: network.url, name, leaseSeconds, machines, clock: systemClock, log: silentLog };
    const locks = this.#scope.own(await LockManager.start(start));
    return { locks, network };
  }

  /** Rows of all lock tables together. */
  async rows(): Promise<number> {
    const [row] = await this.fixture.database.query<{ count: number }>(
      "SELECT (SELECT count(*) FROM locks) + (SELECT count(*) FROM lock_waiters) AS count",
    );
    return row?.count ?? -1;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#scope.close();
  }
}

/** Resolves when a promise is known to wait: whoever is in the queue has a row. */
export async function waiting(cluster: Cluster, count: number): Promise<boolean> {
  const [row] = await cluster.fixture.database.query<{ count: number }>("SELECT count(*) AS count FROM lock_waiters");
  return row?.count === count;
}
