/** One program, two places: it runs once at a time, everybody knows who runs it, and anybody can wait for it or stop it. */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { patientRuns, testServer, type TestServer } from "../support/server.ts";
import type { TerminalClient } from "../support/terminal-client.ts";

const program = 'import time\nprint("work" + "ing")\ntry:\n    input("go" + "? ")\nfinally:\n    print("do" + "ne")\n';

describe("one program, two places", () => {
  let server: TestServer;
  let ada: TerminalClient;
  before(async () => {
    server = await testServer({ "limits.runsPerMinute": 100, ...patientRuns });
    await server.add("ada");
    await server.add("liskov", "professor");
    await writeFile(join(server.home("ada"), "area.py"), program);
    ada = await server.connect("ada");
    await ada.wait("Welcome, ada!");
    await open(ada, "area.py");
  });
  after(async () => {
    await ada.close();
    await server[Symbol.asyncDispose]();
  });

  async function open(client: TerminalClient, path: string): Promise<void> {
    client.press("Ctrl-O");
    await client.wait("Open a file");
    client.type(`${path}\r`);
    await client.wait("input(");
  }

  it("lets scripts run one file several times at once, and whoever presses F5 stop them all", async () => {
    const scripts = await Promise.all(
      Array.from({ length: 4 }, () => server.connect("ada", { command: "run area.py" })),
    );
    try {
      for (const each of scripts) await each.wait("go?");
      scripts[0]?.type("now\r");
      await scripts[0]?.wait("done");
      ada.press("F5");
      await ada.wait(/You have been running area\.py since/);
      ada.type("s");
      for (const each of scripts.slice(1)) {
        await each.wait("ada stopped this run.");
        await each.wait("KeyboardInterrupt");
      }
      await ada.wait("go?");
      ada.type("\r");
      await ada.wait(/done[^]*>>>/);
      ada.press("F3");
    } finally {
      for (const each of scripts) await each.close();
    }
  });

  it("runs for the one who waits as soon as the other run has ended", async () => {
    await using exec = await server.connect("ada", { command: "run area.py" });
    await exec.wait("go?");
    ada.press("F5");
    await ada.wait(/You have been running area\.py since \d\d:\d\d/);
    ada.type("w");
    await ada.wait("Waiting to run area.py");
    exec.type("now\r");
    await exec.wait("done");
    await ada.wait("go?");
    await ada.wait((screen) => !screen.join("\n").includes("Waiting to run"));
  });

  it("refuses `run` of a file that runs, and names who runs it", async () => {
    const refused = await server.run("ada", "run area.py");
    assert.equal(refused.status, 5, refused.stderr);
    assert.match(refused.stderr, /already running: you started area\.py at \d\d:\d\d\n/);
    assert.equal(refused.stdout, "");
  });

  it("lets a teacher try it meanwhile: that run is on a copy, and in nobody's way", async () => {
    const liskov = await server.connect("liskov", { columns: 120, rows: 35 });
    try {
      await liskov.wait("Welcome, liskov!");
      await open(liskov, "/students/ada/area.py");
      liskov.press("F5");
      await liskov.wait("go?");
      await liskov.wait("area.py as ada, on a copy");
    } finally {
      await liskov.close();
    }
    ada.type("\r");
    await ada.wait(/done[^]*>>>/);
  });

  it("goes back to the editor when somebody has waited enough, and the run goes on", async () => {
    await using exec = await server.connect("ada", { command: "run area.py" });
    await exec.wait("go?");
    ada.press("F3", "F5");
    await ada.wait(/You have been running area\.py since/);
    ada.type("w");
    await ada.wait("Waiting to run area.py");
    ada.press("Escape");
    await ada.wait((screen) => !screen.join("\n").includes("Waiting to run"));
    exec.type("\r");
    await exec.wait("done");
  });

  it("stops a run without a screen, and tells whose wish it was", async () => {
    await using exec = await server.connect("ada", { command: "run area.py" });
    await exec.wait("working");
    ada.press("F3", "F5");
    await ada.wait(/You have been running area\.py since/);
    ada.type("s");
    await exec.wait("ada stopped this run.");
    await exec.wait("KeyboardInterrupt");
    await ada.wait("▶ running");
  });
});
