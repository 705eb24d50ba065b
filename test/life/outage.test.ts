/** The database is away for longer than any lease, and nobody at work on a machine that serves alone notices. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Scope } from "../../src/base/scope.ts";
import { testDatabase, type TestDatabase } from "../support/database.ts";
import { DatabaseProxy } from "../support/database-proxy.ts";
import { eventually } from "../support/eventually.ts";
import { testServer, type TestServer } from "../support/server.ts";
import type { TerminalClient } from "../support/terminal-client.ts";

describe("a database that is away", () => {
  let scope: Scope;
  let database: TestDatabase;
  let network: DatabaseProxy;
  let server: TestServer;
  let ada: TerminalClient;

  before(async () => {
    scope = new Scope("outage");
    database = scope.own(await testDatabase());
    network = scope.own(await DatabaseProxy.start(database.url));
    server = scope.own(
      await testServer({ "database.url": network.url, "database.retrySeconds": 5, "locks.leaseSeconds": 2 }),
    );
    await server.add("ada");
    ada = await server.connect("ada");
    scope.defer(() => ada.close());
    await ada.wait("Welcome, ada!");
    await eventually(async () => (await lease()).until_death && (await token()) !== undefined);
  });
  after(() => scope.close());

  async function lease(): Promise<{ node: string; late: boolean; until_death: boolean }> {
    const [row] = await database.database.query<{ node: string; late: boolean; until_death: boolean }>(
      "SELECT node, until_death, expires_at <= clock_timestamp() AS late FROM node_lease",
    );
    return row ?? assert.fail("the lease is gone");
  }

  const token = async (): Promise<number | undefined> =>
    (
      await database.database.query<{ token: number }>(
        "SELECT token FROM locks WHERE name = 'edit:/home/ada/welcome.py'",
      )
    )[0]?.token;
  const onDisk = (name: string): Promise<string> => readFile(join(server.home("ada"), name), "utf8").catch(() => "");

  for (const outage of ["cut", "silence"] as const) {
    it(`keeps nobody from editing, saving, running and opening files (${outage})`, async () => {
      const before = [(await lease()).node, await token()];
      ada.press("F3", "Ctrl-Home");
      network[outage]();
      ada.type(`# ${outage}: early `);
      await ada.wait(`# ${outage}: early`);
      await eventually(async () => (await lease()).late);
      ada.type("and late ");
      await ada.wait("early and late");
      ada.press("Ctrl-S");
      await eventually(async () => (await onDisk("welcome.py")).includes(`# ${outage}: early and late`));
      await ada.wait((screen) => !screen[1]?.includes("●") && !screen.join(" ").includes("not saved"));
      assert.doesNotMatch(ada.screen().join("\n"), /can't be saved|read-only/);
      ada.press("F5");
      await ada.wait(/Hello|finished|ended/);
      network.restore();
      await eventually(async () => !(await lease()).late);
      assert.deepEqual([(await lease()).node, await token()], before, "the lock is still the same one");
      ada.press("F3");
      ada.type("and after ");
      ada.press("Ctrl-S");
      await eventually(async () => (await onDisk("welcome.py")).includes("early and late and after"));
    });
  }

  it("is said on the screen with the server's state, which goes on, also when it is opened meanwhile", async () => {
    await server.add("boss", "admin");
    await using boss = await server.connect("boss");
    await boss.wait("Welcome");
    const open = async (): Promise<void> => {
      boss.press("Ctrl-P");
      boss.type("how it is doing");
      await boss.wait("Server: how it is doing");
      boss.press("Enter");
      await boss.wait("SLOWEST");
    };
    await open();
    await boss.wait(/Database +up/);
    network.silence();
    await boss.wait(/Database +✗ does not answer/);
    await boss.wait(/Disk +[\d,]+ MiB/);
    boss.press("Escape");
    await boss.wait("CONSOLE");
    await open();
    await boss.wait(/Database +✗ does not answer/);
    network.restore();
    await boss.wait(/Database +up/);
  });
});
