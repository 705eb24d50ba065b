/** A teacher runs a program of a student who has very many files: she reads that they are copied, and can have enough of it. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { eventually } from "../support/eventually.ts";
import { testServer, type TestServer } from "../support/server.ts";

/** Copying so many takes longer than anything stays unsaid, on any machine. */
const folders = 300;
const filesInFolder = 130;

describe("a program of a student with very many files", () => {
  let server: TestServer;
  before(async () => {
    server = await testServer({ "limits.runsPerMinute": 100 });
    await server.add("ada");
    await server.add("liskov", "professor");
    const home = server.home("ada");
    await writeFile(
      join(home, "area.py"),
      'import os\nprint("found", sum(len(names) for _, _, names in os.walk(".")))\n',
    );
    for (let folder = 0; folder < folders; folder++) {
      await mkdir(join(home, `d${folder}`));
      for (let file = 0; file < filesInFolder; file++) writeFileSync(join(home, `d${folder}`, `f${file}`), "small\n");
    }
  });
  after(() => server[Symbol.asyncDispose]());

  const copies = async (): Promise<readonly string[]> => await readdir(join(server.data, "copies"));
  /** area.py and welcome.py are there too. */
  const all = `found ${folders * filesInFolder + 2}`;

  it("in the IDE tells how far the copy is; Ctrl-C ends it, F5 begins anew", async () => {
    await using liskov = await server.connect("liskov", { columns: 120, rows: 35 });
    await liskov.wait("Welcome, liskov!");
    liskov.press("Ctrl-O");
    await liskov.wait("Open a file");
    liskov.type("/students/ada/area.py\r");
    await liskov.wait("os.walk");
    liskov.press("F5");
    await liskov.wait(/Copying ada's files.*… Ctrl-C stops it/);
    liskov.press("Ctrl-C");
    await liskov.wait("Stopped. area.py was not run.");
    await eventually(async () => (await copies()).length === 0);
    liskov.press("F5");
    await liskov.wait(/Copying ada's files \([\d,]+ so far\)/);
    await liskov.wait(all);
  });

  it("is not copied any more when the session ends", async () => {
    const liskov = await server.connect("liskov", { columns: 120, rows: 35 });
    try {
      await liskov.wait("area.py");
      liskov.press("F5");
      await liskov.wait("Copying ada's files");
      liskov.press("Ctrl-Q");
      assert.equal(await liskov.exited, 0);
    } finally {
      await liskov.close();
    }
    await eventually(async () => (await copies()).length === 0);
  });

  it("over exec tells it too; Ctrl-C in the terminal, and the end of the connection, end it", async () => {
    await using exec = await server.connect("liskov", { command: "run /students/ada/area.py", pty: true });
    await exec.wait("copying ada's files");
    exec.press("Ctrl-C");
    await exec.wait("stopped before the program started");
    assert.equal(await exec.exited, 130);
    const gone = await server.connect("liskov", { command: "run /students/ada/area.py" });
    await gone.wait("copying ada's files");
    await gone.close();
    await eventually(async () => (await copies()).length === 0);
    const ran = await server.run("liskov", "run /students/ada/area.py");
    assert.equal(ran.stdout, `${all}\n`);
    assert.match(ran.stderr, /^classh: copying ada's files/);
  });
});
