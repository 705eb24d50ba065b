/** Sessions outlive connections: a dropped one is resumed as it was, and nobody is ever cut off without a word. */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { eventually } from "../support/eventually.ts";
import { testServer, type TestServer } from "../support/server.ts";
import type { TerminalClient } from "../support/terminal-client.ts";

describe("sessions that outlive connections", () => {
  let server: TestServer;
  let people = 0;
  before(async () => void (server = await testServer({ "limits.runsPerMinute": 100 })));
  after(() => server[Symbol.asyncDispose]());

  /** A new person in the IDE. */
  async function arrive(): Promise<{ name: string; client: TerminalClient }> {
    const name = `student${(people += 1)}`;
    await server.add(name);
    const client = await server.connect(name);
    await client.wait("Welcome");
    return { name, client };
  }

  const sessionsOf = (name: string) => server.server.services.sessions.of(name);

  async function drop(name: string, client: TerminalClient): Promise<void> {
    process.kill(client.pid, "SIGKILL");
    await client.close();
    await eventually(() => sessionsOf(name)[0]?.attendance.awaySince !== undefined);
  }

  it("resume a dropped connection: unsaved edits, the program that runs, its variables, in the new size", async () => {
    const { name, client } = await arrive();
    await writeFile(join(server.home(name), "wait.py"), "answer = input('say: ')\nprint('heard', answer)\n");
    client.press("Ctrl-O");
    await client.wait("Open a file");
    client.type("wait.py\r");
    await client.wait("heard");
    client.press("F5");
    await client.wait("say: ");
    client.press("F3");
    client.type("# unsaved ");
    await client.wait("# unsaved");
    const [before] = sessionsOf(name);
    await drop(name, client);

    await using again = await server.connect(name, { columns: 120, rows: 40 });
    await again.wait(/Resumed: you were away for \d+ second/);
    await again.wait("# unsaved");
    assert.equal(sessionsOf(name)[0], before);
    assert.equal(sessionsOf(name).length, 1);
    again.press("F4");
    again.type("still here\r");
    await again.wait("heard still here");
    again.type("answer.upper()\r");
    await again.wait("STILL HERE");
  });

  it("are resumed where the person was reading, with the cursor where it was", async () => {
    const { name, client } = await arrive();
    await writeFile(
      join(server.home(name), "long.txt"),
      Array.from({ length: 200 }, (_, index) => `line number ${index + 1}\n`).join(""),
    );
    client.press("Ctrl-O");
    await client.wait("Open a file");
    client.type("long.txt\r");
    await client.wait("line number 1");
    client.press("Ctrl-End");
    await client.wait("Ln 201,");
    for (let up = 0; up < 30; up += 1) client.press("Up");
    await client.wait("Ln 171,");
    const seen = (terminal: TerminalClient) => ({
      first: /line number \d+/.exec(terminal.screen().join("\n"))?.[0],
      cursor: terminal.cursor(),
    });
    const [workbench] = sessionsOf(name);
    const before = seen(client);
    await drop(name, client);
    await using again = await server.connect(name);
    await again.wait("Resumed");
    assert.equal(sessionsOf(name)[0], workbench);
    assert.deepEqual(seen(again), before);
  });

  it("ask when the session is open elsewhere; continuing closes the other terminal with a sentence", async () => {
    const { name, client } = await arrive();
    await using second = await server.connect(name);
    await second.wait("You are logged in already");
    second.press("Enter");
    await second.wait("F1 Help");
    assert.equal(await client.exited, 0);
    assert.match(client.screen().join("\n"), /You continued in another terminal/);
    assert.equal(sessionsOf(name).length, 1);
    await client.close();
  });

  it("show the same files and console in a second window, and quitting one leaves the other", async () => {
    const { name, client } = await arrive();
    await using second = await server.connect(name);
    await second.wait("You are logged in already");
    second.type("s");
    await second.wait("Welcome");
    client.press("F3");
    client.type("# from the first ");
    await second.wait("# from the first");
    second.press("Ctrl-Q");
    await second.wait(/Quit|not saved/i);
    second.type("d");
    assert.equal(await second.exited, 0);
    client.press("F4");
    client.type("6*7\r");
    await client.wait("42");
    await client.close();
  });

  it("end when their person quits", async () => {
    const { name, client } = await arrive();
    client.press("Ctrl-Q");
    assert.equal(await client.exited, 0);
    await eventually(() => sessionsOf(name).length === 0);
    await client.close();
  });

  it("are listed, shown and ended by an admin, with a sentence for the person", async () => {
    await server.add("boss", "admin");
    const { name, client } = await arrive();
    await eventually(async () => {
      const listed = JSON.parse((await server.run("boss", "session list --json")).stdout) as {
        user: string;
        state: string;
      }[];
      return listed.some(({ user, state }) => user === name && state === "here");
    });
    assert.equal((await server.run("boss", `session show ${name}`)).status, 0);
    assert.equal((await server.run(name, "session list")).status, 3);
    assert.equal((await server.run("boss", `session kick ${name}`)).status, 0);
    assert.equal(await client.exited, 0);
    assert.match(client.screen().join("\n"), /An admin ended your session\. Your work is kept/);
    assert.equal((await server.run("boss", `session kick ${name}`)).status, 4);
    await client.close();
  });

  it("are ended with a sentence when the server drains, and unsaved text is there afterwards", async () => {
    await using other = await testServer();
    await other.add("ada");
    const client = await other.connect("ada");
    await client.wait("Welcome");
    client.press("F3");
    client.type("# unsaved ");
    await client.wait("# unsaved");
    const asked = await other.connect("ada");
    await asked.wait("You are logged in already");
    await other.server.drain();
    for (const each of [client, asked]) {
      assert.equal(await each.exited, 0);
      assert.match(each.screen().join("\n"), /The server is shutting down\. Your work is kept/);
      assert.equal(each.alternate(), false);
      await each.close();
    }
  });
});
