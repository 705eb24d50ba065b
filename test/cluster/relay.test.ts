/** Two servers on one database: a person's one session is reached from both. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { Scope } from "../../src/base/scope.ts";
import { testDatabase, type TestDatabase } from "../support/database.ts";
import { eventually } from "../support/eventually.ts";
import { patientRuns, testServer, type TestServer } from "../support/server.ts";
import { openTerminalClient, type TerminalClient } from "../support/terminal-client.ts";

describe("two servers on one database", () => {
  let scope: Scope;
  let database: TestDatabase;
  let east: TestServer;
  let west: TestServer;
  let people = 0;

  before(async () => {
    scope = new Scope("two servers");
    database = scope.own(await testDatabase());
    const shared = {
      "database.url": database.url,
      "database.poolSize": 5,
      initialPasswordChange: true,
      ...patientRuns,
    };
    east = scope.own(await testServer({ ...shared, "cluster.name": "east" }));
    west = scope.own(
      await testServer({ ...shared, "cluster.name": "west", "cluster.keyFile": join(east.data, "cluster-key") }),
    );
  });
  after(() => scope.close());

  const here = (server: TestServer, name: string) => server.server.services.sessions.of(name);

  /** A new person with a session in the east, who has typed something and lost the connection. */
  async function away(): Promise<string> {
    const name = `student${(people += 1)}`;
    await east.add(name);
    const client = await east.connect(name);
    await client.wait("Welcome");
    client.press("F3");
    client.type("# from the east ");
    await client.wait("# from the east");
    process.kill(client.pid, "SIGKILL");
    await client.close();
    await eventually(() => here(east, name)[0]?.attendance.awaySince !== undefined);
    return name;
  }

  async function quit(client: TerminalClient): Promise<void> {
    client.press("Ctrl-Q");
    await client.wait(/Quit|not saved/i);
    client.type("d");
    assert.equal(await client.exited, 0);
    await client.close();
  }

  it("resume a session from the other one, in the new terminal's size, and follow its resizes", async () => {
    const name = await away();
    const client = await west.connect(name, { columns: 100, rows: 30 });
    await client.wait(/Resumed: you were away for/);
    await client.wait("# from the east");
    assert.equal(here(west, name).length, 0);
    assert.equal(here(east, name)[0]?.attendance.attachments[0]?.address, "127.0.0.1");
    client.press("F3");
    client.type("and the west ");
    await client.wait("# from the east and the west");
    client.resize(60, 20);
    await client.wait(
      (screen) => screen.every((row) => row.length <= 60) && screen.join("\n").includes("and the west"),
    );
    client.press("F4");
    client.type("6*7\r");
    await client.wait("42");
    await quit(client);
    await eventually(async () => (await east.server.services.cluster.directory.list(name)).length === 0);
  });

  it("notice when the far connection breaks: the session waits for its person", async () => {
    const name = await away();
    const client = await west.connect(name);
    await client.wait("# from the east");
    process.kill(client.pid, "SIGKILL");
    await client.close();
    await eventually(() => here(east, name)[0]?.attendance.awaySince !== undefined);
    await eventually(() => west.server.services.cluster.relays === 0);
    await using near = await east.connect(name);
    await near.wait(/Resumed/);
    await quit(near);
  });

  it("ask on the far one, too, when the session is open, and a second window shows the same", async () => {
    const name = await away();
    const first = await east.connect(name);
    await first.wait("# from the east");
    const second = await west.connect(name);
    await second.wait("You are logged in already");
    second.type("s");
    await second.wait("# from the east");
    second.press("F3");
    second.type("seen by both ");
    await first.wait("seen by both");
    await second.close();
    const third = await west.connect(name);
    await third.wait("You are logged in already");
    third.press("Enter");
    await third.wait("seen by both");
    assert.equal(await first.exited, 0);
    assert.match(first.screen().join("\n"), /You continued in another terminal/);
    await first.close();
    await quit(third);
  });

  it("do not ask a second time for the initial password that the login has just taken", async () => {
    const name = `student${(people += 1)}`;
    const { password } = await east.server.services.accounts.add({ username: name, role: "student" });
    await west.server.services.workspaces.ensureHome(name);
    // A client that can't be asked in its own words gets a form as its first screen.
    const login = async (server: TestServer): Promise<TerminalClient> => {
      const { args, env } = await server.ssh(name, password);
      return openTerminalClient("ssh", ["-t", "-o", "PreferredAuthentications=password", ...args], {
        env: { TERM: "xterm-256color", ...env },
      });
    };
    const first = await login(east);
    await first.wait("New password");
    process.kill(first.pid, "SIGKILL");
    await first.close();
    await eventually(() => here(east, name)[0]?.attendance.awaySince !== undefined);
    await using second = await login(west);
    await second.wait("New password");
    assert.equal(west.server.services.cluster.relays, 1);
    second.type("four words make it good\t");
    second.type("four words make it good\r");
    await second.wait("welcome.py");
    assert.equal((await east.server.services.accounts.find(name))?.mustChangePassword, false);
    await quit(second);
  });

  it("make one session of two logins at the same moment", async () => {
    for (let round = 0; round < 5; round++) {
      const name = `student${(people += 1)}`;
      await east.add(name);
      await west.server.services.workspaces.ensureHome(name);
      const clients = await Promise.all([east.connect(name), west.connect(name)]);
      await Promise.all(clients.map((client) => client.wait(/Welcome|You are logged in already/)));
      assert.equal(here(east, name).length + here(west, name).length, 1);
      const rows = await east.server.services.cluster.directory.list();
      assert.equal(rows.filter(({ username }) => username === name).length, 1);
      for (const server of [east, west]) {
        const [workbench] = here(server, name);
        if (workbench) await server.server.services.sessions.end(workbench, "over");
      }
      for (const client of clients) await client.close();
    }
  });

  it("list everybody's session on both, and end one from the other", async () => {
    await east.add("boss", "admin");
    await west.server.services.workspaces.ensureHome("boss");
    const name = await away();
    const client = await east.connect(name);
    await client.wait("# from the east");
    type Row = { user: string; state: string; node: string; unsaved: string[]; from: string[] };
    const listed = async (): Promise<Row | undefined> =>
      (JSON.parse((await west.run("boss", "session list --json")).stdout) as Row[]).find(({ user }) => user === name);
    await eventually(async () => (await listed())?.state === "here" && (await listed())?.unsaved.length === 1);
    assert.equal((await listed())?.node, "east");
    assert.match((await west.run("boss", `session show ${name}`)).stdout, /node: +east/);
    const nodes = JSON.parse((await west.run("boss", "node list --json")).stdout) as { name: string; here: boolean }[];
    assert.deepEqual(
      nodes.map(({ name: node, here: own }) => [node, own]),
      [
        ["east", false],
        ["west", true],
      ],
    );
    assert.equal((await west.run("boss", `session kick ${name}`)).status, 0);
    assert.equal(await client.exited, 0);
    assert.match(client.screen().join("\n"), /An admin ended your session\. Your work is kept/);
    assert.equal((await west.run("boss", `session kick ${name}`)).status, 4);
    await client.close();
  });

  it("bring a paste of 300 kB and a flood of output through whole", async () => {
    const name = await away();
    const client = await west.connect(name);
    await client.wait("# from the east");
    client.press("F4");
    client.type("for i in range(30000): print('line', i)\r\r");
    await client.wait("line 29999");
    client.press("F3");
    client.press("Ctrl-End");
    client.paste(`${"0123456789".repeat(9)}\n`.repeat(3300));
    client.type("# the end of it ");
    await client.wait("# the end of it");
    const text = here(east, name)[0]?.documents.active?.editor.text() ?? "";
    assert.equal(text.split("\n").filter((line) => line.includes("0123456789".repeat(9))).length, 3300);
    await quit(client);
  });

  it("send relayed people away with a sentence when their own server drains, and keep the session", async () => {
    await using north = await testServer({
      "database.url": database.url,
      "database.poolSize": 5,
      "cluster.name": "north",
      "cluster.keyFile": join(east.data, "cluster-key"),
    });
    const name = await away();
    const client = await north.connect(name);
    await client.wait("# from the east");
    await north.server.drain();
    assert.equal(await client.exited, 0);
    assert.match(client.screen().join("\n"), /The server is shutting down\. Your work is kept/);
    await client.close();
    await eventually(() => here(east, name)[0]?.attendance.awaySince !== undefined);
    await using again = await west.connect(name);
    await again.wait(/Resumed/);
    await quit(again);
  });
});
