/** What a login needs of the database before there is something to see. */
import { Scope } from "../../src/base/scope.ts";
import { testDatabase } from "../support/database.ts";
import { DatabaseProxy } from "../support/database-proxy.ts";
import { eventually } from "../support/eventually.ts";
import { testServer } from "../support/server.ts";

/** Of a login by password: what the throttle knows, the account with its hash, the record of the login, the session's place. */
const needed = [/FROM login_failures/, /password_hash FROM users/, /UPDATE users SET last_login_at/, /session_claim/];

/** What processes ask from time to time, whoever logs in. */
const ofProcesses = /lock_beat|session_update|lock_waiters|node_endpoints/;

describe("a login", () => {
  const scope = new Scope("login cost");
  after(() => scope.close());

  it("needs four answers of the database for its first screen", async () => {
    const database = scope.own(await testDatabase());
    const network = scope.own(await DatabaseProxy.start(database.url));
    const server = scope.own(await testServer({ "database.url": network.url }));
    await server.add("ada");
    const first = await server.connect("ada");
    await first.wait("Welcome, ada!");
    first.press("Ctrl-Q");
    await first.wait(/Goodbye/);
    await first.close();
    await eventually(async () => {
      const { database: direct } = database;
      const left = await direct.query("SELECT name FROM locks UNION ALL SELECT session FROM live_sessions");
      return left.length === 0;
    });

    const open = [...needed];
    network.holdBack = (statement) => {
      if (ofProcesses.test(statement)) return false;
      const index = open.findIndex((each) => each.test(statement));
      if (index >= 0) open.splice(index, 1);
      return index < 0;
    };
    const second = await server.connect("ada");
    await second.wait("Welcome, ada!");
    network.holdBack = () => false;
    network.cut();
    network.restore();
    await second.close();
  });
});
