/** A teacher's connection at one server, the student's session at another. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { Scope } from "../../src/base/scope.ts";
import { testDatabase } from "../support/database.ts";
import { eventually } from "../support/eventually.ts";
import { testServer, type TestServer } from "../support/server.ts";
import type { TerminalClient } from "../support/terminal-client.ts";

describe("attaching from another server", () => {
  let scope: Scope;
  let east: TestServer;
  let west: TestServer;
  let ada: TerminalClient;
  let prof: TerminalClient;
  before(async () => {
    scope = new Scope("two servers");
    const database = scope.own(await testDatabase());
    const shared = { "database.url": database.url, "database.poolSize": 5, initialPasswordChange: true };
    east = scope.own(await testServer({ ...shared, "cluster.name": "east" }));
    west = await testServer({ ...shared, "cluster.name": "west", "cluster.keyFile": join(east.data, "cluster-key") });
    scope.defer(async () => await west[Symbol.asyncDispose]());
    await east.add("ada");
    await east.add("liskov", "professor");
    ada = await west.connect("ada");
    await ada.wait("Welcome");
    await eventually(async () => (await east.server.services.cluster.directory.list("ada")).length === 1);
    prof = await east.connect("liskov", { columns: 80, rows: 25, command: "attach ada", pty: true });
  });
  after(async () => {
    await prof.close();
    await ada.close();
    await scope.close();
  });

  it("shows her screen as she types, and tells her", async () => {
    await prof.wait("Watching ada");
    await ada.wait("1 viewer");
    ada.press("F3");
    ada.type("# seen from afar ");
    await prof.wait("# seen from afar");
    await eventually(() => ada.screen().every((row, index) => row === prof.screen()[index]));
    prof.type("nothing of this");
    prof.resize(60, 20);
    ada.type("still ");
    await prof.wait("afar still");
    assert.ok(!ada.screen().some((row) => row.includes("nothing of this")));
  });

  it("types for her, and she takes back", async () => {
    prof.press("F9", "F9");
    await prof.wait("Helping ada");
    prof.press("F9");
    await prof.wait("You type for ada");
    prof.type("driven ");
    await ada.wait("driven");
    ada.press("Ctrl-B");
    await prof.wait("ada took control back");
  });

  it("comes back to the own session, which is at the first server", async () => {
    await using other = await east.connect("liskov");
    await other.wait("Welcome");
    other.press("Ctrl-K", "Ctrl-W");
    await other.wait("Attach to whom?");
    other.type("ada\r");
    await other.wait("Watching ada");
    other.press("Escape");
    await other.wait(
      (screen) =>
        screen.some((row) => row.includes("Welcome, liskov")) && !screen.some((row) => row.includes("Watching")),
    );
    other.press("Ctrl-Q");
    assert.equal(await other.exited, 0);
  });

  it("waits when her server is gone, and goes on where she logs in next", async () => {
    await west[Symbol.asyncDispose]();
    await prof.wait("waiting.");
    await ada.close();
    ada = await east.connect("ada");
    await ada.wait("1 viewer");
    await prof.wait("Watching ada");
    ada.press("F3");
    ada.type("# at the other server");
    await prof.wait("# at the other server");
    prof.press("Ctrl-Q");
    assert.equal(await prof.exited, 0);
  });
});
