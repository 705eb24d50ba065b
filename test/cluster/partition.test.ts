/** A server that loses the database, and the others, and comes back. */
import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { Scope } from "../../src/base/scope.ts";
import { testDatabase, type TestDatabase } from "../support/database.ts";
import { DatabaseProxy } from "../support/database-proxy.ts";
import { eventually } from "../support/eventually.ts";
import { testServer, type TestServer } from "../support/server.ts";

describe("a server that is cut off from the database", () => {
  let scope: Scope;
  let database: TestDatabase;
  let network: DatabaseProxy;
  let inside: TestServer;
  let outside: TestServer;

  before(async () => {
    scope = new Scope("partition");
    database = scope.own(await testDatabase());
    network = scope.own(await DatabaseProxy.start(database.url));
    const shared = {
      "database.poolSize": 5,
      "database.retrySeconds": 0.3,
      "locks.leaseSeconds": 2,
      "cluster.listen": "127.0.0.1:0",
    };
    inside = scope.own(await testServer({ ...shared, "database.url": database.url, "cluster.name": "inside" }));
    const keyFile = join(inside.data, "cluster-key");
    outside = scope.own(
      await testServer({
        ...shared,
        "database.url": network.url,
        "cluster.name": "outside",
        "cluster.keyFile": keyFile,
      }),
    );
  });
  afterEach(async () => {
    network.restore();
    // Else the next test's logins may come before its pool has tried again.
    await eventually(() => outside.server.services.cluster.node !== undefined);
  });
  after(() => scope.close());

  const directory = () => inside.server.services.cluster.directory;

  it("keeps its sessions, and they are listed again when it is back", async () => {
    await outside.add("ada");
    const client = await outside.connect("ada");
    await client.wait("Welcome");
    await eventually(async () => (await directory().list("ada"))[0]?.node.name === "outside");
    client.press("F3");
    client.type("# typed before ");
    await client.wait("# typed before");
    // It is shown for some seconds only: on a busy machine it has come and gone before the list is empty.
    const told = client.wait("can't be saved right now");
    network.cut();
    await eventually(async () => (await directory().list("ada")).length === 0);
    // Another machine may edit the file by now: what is typed is kept, and not saved.
    await told;
    client.type("and while nobody could tell ");
    await client.wait("# typed before and while nobody could tell");
    client.press("Ctrl-S");
    await client.wait(/You can't save welcome\.py right now\. Your text is kept/);
    network.restore();
    await eventually(async () => (await directory().list("ada"))[0]?.node.name === "outside");
    // The row is a new one, and tells everything again.
    await eventually(async () => (await directory().list("ada"))[0]?.detail.unsaved.length === 1);
    await inside.server.services.workspaces.ensureHome("ada");
    const second = await inside.connect("ada");
    await second.wait("You are logged in already");
    second.press("Enter");
    await second.wait("# typed before");
    assert.equal(await client.exited, 0);
    await client.close();
    const [workbench] = outside.server.services.sessions.of("ada");
    assert.ok(workbench);
    await outside.server.services.sessions.end(workbench, "over");
    await second.close();
  });

  it("gives way when the person went on elsewhere meanwhile: one session, and the text of both is kept", async () => {
    await outside.add("bob");
    await inside.server.services.workspaces.ensureHome("bob");
    const old = await outside.connect("bob");
    await old.wait("Welcome");
    old.press("F3");
    old.type("# of the old session ");
    await old.wait("# of the old session");
    network.cut();
    await eventually(async () => (await directory().list("bob")).length === 0);
    const fresh = await inside.connect("bob");
    await fresh.wait("Welcome");
    fresh.press("F3");
    fresh.type("# of the new session ");
    await fresh.wait("# of the new session");
    // Whoever has the file now, the session that was cut off does not believe to have it, too.
    const [holder, ...others] = await inside.server.services.locks.list("edit:/home/bob/welcome.py");
    assert.deepEqual([holder?.node, others], ["inside", []]);
    assert.equal(outside.server.services.sessions.of("bob")[0]?.documents.active?.editing.kind, "suspended");
    network.restore();
    assert.equal(await old.exited, 0);
    assert.match(old.screen().join("\n"), /You have another session elsewhere\. Your work is kept/);
    await old.close();
    const rows = (await directory().list()).filter(({ username }) => username === "bob");
    assert.deepEqual(
      rows.map(({ node }) => node.name),
      ["inside"],
    );
    assert.equal(outside.server.services.sessions.of("bob").length, 0);
    const kept = join(outside.data, "recovery", "bob");
    const texts = await Promise.all((await readdir(kept)).map((name) => readFile(join(kept, name), "utf8")));
    assert.ok(texts.some((text) => text.includes("# of the old session")));
    await fresh.close();
    const [workbench] = inside.server.services.sessions.of("bob");
    assert.ok(workbench);
    await inside.server.services.sessions.end(workbench, "over");
  });

  it("lets a person who was here come back here, though nobody else is told", async () => {
    await outside.add("cleo");
    const client = await outside.connect("cleo");
    await client.wait("Welcome");
    const workbench = outside.server.services.sessions.of("cleo")[0];
    network.cut();
    await eventually(() => outside.server.services.cluster.node === undefined);
    assert.deepEqual(await outside.server.services.cluster.directory.claim("another", "dora"), { kind: "here" });
    await outside.server.services.cluster.directory.abandon("another");
    network.restore();
    await eventually(async () => (await directory().list("cleo")).length === 1);
    assert.equal(outside.server.services.sessions.of("cleo")[0], workbench);
    await client.close();
    assert.ok(workbench);
    await outside.server.services.sessions.end(workbench, "over");
  });

  it("lists nobody twice who went on elsewhere, also where the old session is and does not know yet", async () => {
    await inside.add("eve");
    await inside.add("boss", "admin");
    const client = await inside.connect("eve");
    await client.wait("Welcome");
    await eventually(async () => (await directory().list("eve")).length === 1);
    await database.database.query(
      "INSERT INTO node_lease (node, name, channel, host, pid, process_start, expires_at) VALUES ('other', 'other', 'other', 'far', 1, '1', clock_timestamp() + interval '1 hour')",
    );
    await database.database.query("UPDATE live_sessions SET node = 'other', session = 'fresh' WHERE username = 'eve'");
    const { stdout } = await inside.run("boss", "session list --json");
    const listed = (JSON.parse(stdout) as { id: string; user: string }[]).filter(({ user }) => user === "eve");
    assert.deepEqual(
      listed.map(({ id }) => id),
      ["fresh"],
    );
    await database.database.query("DELETE FROM node_lease WHERE node = 'other'");
    await client.close();
    for (const workbench of inside.server.services.sessions.of("eve"))
      await inside.server.services.sessions.end(workbench, "over");
  });
});
