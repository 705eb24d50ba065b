/** Shared limits of several processes on one database. Its time is moved by moving the rows into the past. */
import { systemClock, type Clock } from "../../src/base/clock.ts";
import { silentLog } from "../../src/base/log.ts";
import { Scope } from "../../src/base/scope.ts";
import { Database } from "../../src/db/database.ts";
import { SharedState } from "../../src/limits/shared-state.ts";
import { poolOptions, testDatabase, type TestDatabase } from "../support/database.ts";
import { DatabaseProxy } from "../support/database-proxy.ts";

/** After 0.3 s without an answer a process goes by what it knows itself: on a busy machine that is no sign of an outage. */
function patient(times: number): Clock {
  return { ...systemClock, after: (ms, callback) => systemClock.after(times * ms, callback) };
}

export interface Process {
  readonly state: SharedState;
  readonly network: DatabaseProxy;
}

export class SharedLimits implements AsyncDisposable {
  readonly fixture: TestDatabase;
  readonly #scope: Scope;

  private constructor(fixture: TestDatabase, scope: Scope) {
    this.fixture = fixture;
    this.#scope = scope;
  }

  static async start(): Promise<SharedLimits> {
    const scope = new Scope("shared limits");
    return new SharedLimits(scope.own(await testDatabase()), scope);
  }

  /** A process that waits for an answer so many times longer than a real one; 10 where an outage is the subject. */
  async process(patience = 200): Promise<Process> {
    const network = this.#scope.own(await DatabaseProxy.start(this.fixture.url));
    const database = this.#scope.own(
      await Database.connect({ ...poolOptions(network.url), statementTimeoutSeconds: 8 }),
    );
    return { network, state: this.#scope.own(new SharedState({ database, clock: patient(patience), log: silentLog })) };
  }

  async advance(seconds: number): Promise<void> {
    const { database } = this.fixture;
    await database.query("UPDATE rate_limits SET full_at = full_at - $1 * interval '1 second'", [seconds]);
    await database.query(
      "UPDATE login_failures SET failed_at = failed_at - $1 * interval '1 second', known_until = known_until - $1 * interval '1 second'",
      [seconds],
    );
  }

  async clear(): Promise<void> {
    await this.fixture.database.query("TRUNCATE rate_limits, login_failures");
  }

  async rows(): Promise<number> {
    const [row] = await this.fixture.database.query<{ count: number }>(
      "SELECT (SELECT count(*) FROM rate_limits) + (SELECT count(*) FROM login_failures) AS count",
    );
    return row?.count ?? -1;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#scope.close();
  }
}
