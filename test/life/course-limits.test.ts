/** What a professor sets for a folder, over a real ssh: by F5 and over exec, from the next run on. */
import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { testServer, type TestServer } from "../support/server.ts";

describe("the limits of a folder of the course", () => {
  let server: TestServer;
  let settings: string;
  before(async () => {
    server = await testServer({ "limits.runSeconds": 600, "limits.runsPerMinute": 100 });
    await server.add("ada");
    await server.add("liskov", "professor");
    const folder = join(server.data, "files/Assignments/hw1");
    settings = join(folder, ".classh.yaml");
    const own = join(server.home("ada"), "Assignments/hw1");
    for (const each of [folder, own]) await mkdir(each, { recursive: true });
    await writeFile(join(own, "sleeps.py"), "import time\ntime.sleep(600)\n");
    await writeFile(join(own, "takes.py"), "kept = bytearray(b'x') * (200 << 20)\nprint(len(kept))\n");
    await writeFile(join(own, ".classh.yaml"), "seconds: 100\n");
  });
  after(() => server[Symbol.asyncDispose]());

  it("hold over exec, for the student and for who tries the student's program", async () => {
    await writeFile(settings, "seconds: 1\n");
    for (const [who, path] of [
      ["ada", "Assignments/hw1/sleeps.py"],
      ["liskov", "/students/ada/Assignments/hw1/sleeps.py"],
    ] as const) {
      const { status, stderr } = await server.run(who, `run ${path}`);
      assert.equal(status, 124, stderr);
      assert.match(stderr, /Stopped: it ran for 1 second without finishing/);
    }
    await writeFile(settings, "memoryMebibytes: 300\n");
    assert.equal((await server.run("ada", "run Assignments/hw1/takes.py")).stdout, `${200 << 20}\n`);
    await writeFile(settings, "memoryMebibytes: 64\n");
    assert.notEqual((await server.run("ada", "run Assignments/hw1/takes.py")).status, 0);
  });

  it("are shown to the student", async () => {
    await writeFile(settings, "seconds: 9\n");
    const { stdout } = await server.run("ada", "limit show Assignments/hw1/sleeps.py");
    assert.match(stdout, /^A program there may use 9 seconds, 128 MiB of memory, 32 processes, 32 MiB of output\.\n/);
    assert.match(stdout, /Set by \/course\/Assignments\/hw1\/\.classh\.yaml\./);
    await writeFile(settings, "seconds: 9\nnetwork: on\n");
    assert.match((await server.run("ada", "limit show Assignments/hw1/sleeps.py")).stdout, /line 2: network: programs/);
    assert.match((await server.run("ada", "run Assignments/hw1/takes.py")).stderr, /line 2: network: programs/);
  });

  it("hold by F5, from the next run on", async () => {
    await writeFile(settings, "seconds: 1\n");
    await using ada = await server.connect("ada");
    await ada.wait("Welcome, ada!");
    ada.press("Ctrl-O");
    await ada.wait("Open a file");
    ada.type("Assignments/hw1/sleeps.py\r");
    await ada.wait("time.sleep(600)");
    ada.press("F5");
    await ada.wait("Limits of this folder: 1 second.");
    await ada.wait("Stopped: it ran for 1 second without finishing.");
    await writeFile(settings, "seconds: 2\n");
    ada.press("F5");
    await ada.wait("Stopped: it ran for 2 seconds without finishing.");
  });
});
