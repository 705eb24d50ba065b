/** Two people, one program: it runs once at a time, everybody knows who runs it, and anybody can wait for it or stop it. */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { testServer, type TestServer } from "../support/server.ts";
import type { TerminalClient } from "../support/terminal-client.ts";

const program = 'import time\nprint("work" + "ing")\ntry:\n    input("go" + "? ")\nfinally:\n    print("do" + "ne")\n';

describe("one program, two people", () => {
  let server: TestServer;
  let ada: TerminalClient;
  let prof: TerminalClient;
  before(async () => {
    server = await testServer({ "limits.runsPerMinute": 100 });
    await server.add("ada");
    await server.add("liskov", "professor");
    await writeFile(join(server.home("ada"), "area.py"), program);
    ada = await server.connect("ada");
    await ada.wait("Welcome, Ada!");
    prof = await server.connect("liskov", { columns: 120, rows: 35 });
    await prof.wait("Welcome, Liskov!");
    await open(ada, "area.py");
    await open(prof, "/students/ada/area.py");
  });
  after(async () => {
    await ada.close();
    await prof.close();
    await server[Symbol.asyncDispose]();
  });

  async function open(client: TerminalClient, path: string): Promise<void> {
    client.press("Ctrl-O");
    await client.wait("Open a file");
    client.type(`${path}\r`);
    await client.wait("input(");
  }

  it("runs for the one who waits as soon as the other run has ended", async () => {
    ada.press("F5");
    await ada.wait("go?");
    prof.press("F5");
    await prof.wait(/ada runs area\.py since \d\d:\d\d/);
    prof.type("w");
    await prof.wait("Waiting to run area.py");
    await ada.wait("liskov waits to run area.py");
    ada.type("now\r");
    await ada.wait(/done[^]*>>>/);
    await prof.wait("go?");
    await prof.wait((screen) => !screen.join("\n").includes("Waiting to run"));
  });

  it("refuses `run` of a file that runs, and names who runs it", async () => {
    const refused = await server.run("ada", "run area.py");
    assert.equal(refused.status, 5, refused.stderr);
    assert.match(refused.stderr, /liskov runs area\.py since \d\d:\d\d UTC\n/);
    assert.equal(refused.stdout, "");
  });

  it("stops the other's run where somebody asks for that, and tells whose wish it was", async () => {
    ada.press("F3", "F5");
    await ada.wait(/liskov runs area\.py since/);
    ada.type("s");
    await prof.wait("ada stopped your run of area.py.");
    await prof.wait("KeyboardInterrupt");
    await ada.wait("▶ running");
  });

  it("goes back to the editor when somebody has waited enough, and the run goes on", async () => {
    prof.press("F3", "F5");
    await prof.wait(/ada runs area\.py since/);
    prof.type("w");
    await prof.wait("Waiting to run area.py");
    prof.press("Escape");
    await prof.wait((screen) => !screen.join("\n").includes("Waiting to run"));
    ada.type("\r");
    await ada.wait("─ ready ─");
  });

  it("stops a run without a screen, too", async () => {
    await using exec = await server.connect("ada", { command: "run area.py" });
    await exec.wait("working");
    ada.press("F3", "F5");
    await ada.wait(/You run area\.py since/);
    ada.type("s");
    await exec.wait("ada stopped this run.");
    await exec.wait("KeyboardInterrupt");
    await ada.wait("▶ running");
  });
});
