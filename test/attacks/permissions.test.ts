/** What people of every role could get out of what their role lets them do. */
import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Role } from "../../src/auth/roles.ts";
import { testServer, type TestServer } from "../support/server.ts";
import { eventually } from "../support/eventually.ts";
import type { TerminalClient } from "../support/terminal-client.ts";
import { refuses } from "../workspace/fixture.ts";
import { attack } from "./attack.ts";

/** Tries what a teacher could, and prints a line for each: what it reached of the account in its first argument's place. */
const greedy = `
import os, pathlib, sys
def attempt(name, work):
    try:
        work()
        print(name, "reached")
    except OSError:
        print(name, "refused")
staff = "STAFF"
print("I am", os.environ["USER"], "in", os.getcwd())
attempt("own-home", lambda: pathlib.Path("/home/ada/out.txt").write_text("written"))
attempt("staff-home", lambda: os.listdir("/home/" + staff))
attempt("staff-write", lambda: pathlib.Path("/home/" + staff + "/planted.py").write_text("print(1)"))
attempt("students", lambda: os.listdir("/students"))
attempt("classmate", lambda: open("/students/alan/secret.txt").read())
attempt("classmate-home", lambda: open("/home/alan/secret.txt").read())
attempt("course-read", lambda: os.listdir("/course/Tests"))
attempt("course-write", lambda: pathlib.Path("/course/Tests/published.txt").write_text("x"))
`;
const asAda = ["I am ada in /home/ada", "own-home reached", "staff-home refused", "staff-write refused", "students refused", "classmate refused", "classmate-home refused", "course-read reached", "course-write refused"];

describe("attacks by way of permissions", () => {
  let server: TestServer;
  const staff: readonly (readonly [string, Role])[] = [["tia", "ta"], ["prof", "professor"], ["boss", "admin"]];
  before(async () => {
    server = await testServer({ "limits.runsPerMinute": 600, "limits.commandsPerMinute": 6000 });
    await server.server.services.accounts.sections.add("A", {});
    for (const name of ["ada", "alan"]) await server.add(name, "student", "A");
    for (const [name, role] of staff) await server.add(name, role, name === "tia" ? "A" : undefined);
    await server.add("grace", "student");
    await writeFile(join(server.home("alan"), "secret.txt"), "alan's");
    for (const [name] of staff) {
      await writeFile(join(server.home("ada"), `greedy-${name}.py`), greedy.replace("STAFF", name));
      await writeFile(join(server.home(name), "notes.txt"), "the exam");
    }
  });
  after(() => server[Symbol.asyncDispose]());

  const copies = (): Promise<string[]> => readdir(join(server.data, "copies")).catch(() => []);

  async function unchanged(): Promise<void> {
    assert.ok(!(await readdir(server.home("ada"))).includes("out.txt"), "looking changed the student's home");
    assert.deepEqual(await readdir(join(server.data, "files", "Tests")), []);
    await eventually(async () => (await copies()).length === 0);
  }

  for (const [name, role] of staff) {
    attack(
      { area: "permissions", attack: `a student's program, started by a ${role} with \`run\`, writes to the ${role}'s home, to the course, reads a classmate's files`, outcome: "it runs as the student on a copy of the student's home: it reaches what the student could, and changes nothing" },
      async () => {
        const { stdout, stderr, status } = await server.run(name, `run /students/ada/greedy-${name}.py`);
        assert.equal(status, 0, stderr);
        assert.deepEqual(stdout.trim().split("\n"), asAda);
        await unchanged();
      },
    );

    attack(
      { area: "permissions", attack: `the same, started by a ${role} with F5, and from the prompt that follows`, outcome: "the same; the console's title says “as the student, on a copy”" },
      async () => {
        const client = await server.connect(name, { columns: 120, rows: 40 });
        try {
          await client.wait("F1 Help");
          await open(client, `/students/ada/greedy-${name}.py`);
          client.press("F5");
          await client.wait("course-write refused");
          await client.wait(`greedy-${name}.py as ada, on a copy`);
          await client.wait(">>>");
          client.press("F4");
          client.type("open('/course/Tests/x', 'w')\r");
          await client.wait(/Read-only file system|Permission denied/);
          client.press("Shift-F5");
          await client.wait((screen) => !screen.join("\n").includes("as ada, on a copy"));
        } finally {
          await client.close();
        }
        await unchanged();
      },
    );
  }

  attack(
    { area: "permissions", attack: "a student's module, imported or started by a teacher's own program, does what the teacher could", outcome: "no program of a teacher sees /students: there is nothing to import" },
    async () => {
      await writeFile(join(server.home("prof"), "grade.py"), 'import os, sys\nsys.path.insert(0, "/students/ada")\nprint(os.path.exists("/students"))\nimport greedy\n');
      const { stdout, stderr, status } = await server.run("prof", "run grade.py");
      assert.equal(status, 1);
      assert.equal(stdout, "False\n");
      assert.match(stderr, /ModuleNotFoundError/);
    },
  );

  attack(
    {
      area: "permissions",
      attack: "somebody of the staff reads or changes a colleague's, an admin's or a stranger's files through /students, an assistant those of another section",
      outcome: "/students has students only, an assistant's own sections' read-only; all others are not there",
    },
    async () => {
      const { workspaces } = server.server.services;
      const [tia, prof] = [workspaces.for({ username: "tia", role: "ta" }), workspaces.for({ username: "prof", role: "professor" })];
      const names = async (workspace: typeof tia): Promise<string[]> => (await workspace.list("/students")).entries.map(({ name }) => name);
      assert.deepEqual(await names(tia), ["ada (A)", "alan (A)"]);
      assert.deepEqual(await names(prof), ["ada (A)", "alan (A)", "grace"]);
      for (const name of ["boss", "tia", "prof", "nobody"]) {
        await refuses("file-not-found", prof.readText(`/students/${name}/notes.txt`));
        await refuses("file-not-found", prof.writeText(`/students/${name}/planted.py`, "x"));
        await refuses("file-not-found", prof.rename("/students/ada/welcome.py", `/students/${name}/welcome.py`));
      }
      await refuses("file-not-found", tia.readText("/students/grace/welcome.py"));
      await refuses("read-only", tia.writeText("/students/ada/planted.py", "x"));
      await refuses("read-only", tia.rename("/students/ada/welcome.py", "/home/tia/welcome.py"));
      assert.equal((await server.run("tia", "run /students/grace/welcome.py")).status, 4);
      assert.equal((await server.run("tia", "run --keep /students/ada/welcome.py")).status, 3);
    },
  );

  attack(
    { area: "permissions", attack: "an assistant who taught a section goes on reading its students' files after the section was given to somebody else", outcome: "within a second they are not there any more, also in a session that is open" },
    async () => {
      const { accounts, workspaces } = server.server.services;
      const tia = workspaces.for({ username: "tia", role: "ta" });
      await tia.readText("/students/ada/welcome.py");
      await accounts.changes.set("tia", { section: "" });
      await eventually(async () => await tia.readText("/students/ada/welcome.py").then(() => false, () => true));
      await refuses("file-not-found", tia.readText("/students/ada/welcome.py"));
      await accounts.changes.set("tia", { section: "A" });
    },
  );

  /** Changes two files, makes one in a new folder, plants a link, and waits for a line. */
  const writer = `
import os, pathlib
pathlib.Path("results").mkdir()
pathlib.Path("results/new.txt").write_text("from the program")
pathlib.Path("mine.txt").write_text("from the program")
pathlib.Path("open.txt").write_text("from the program")
os.symlink("/home/prof/notes.txt", "planted.txt")
input("go?")
`;

  const onDisk = async (name: string): Promise<string> => await readFile(join(server.home("ada"), name), "utf8");

  attack(
    {
      area: "permissions",
      attack: "what a student's program wrote is kept (`run --keep`) while the student edits one of the files and has saved another, and a link stands in a file's place",
      outcome: "new files are kept; what the student edits or has changed stays, and is named; links are not followed; the audit trail has each file, without its content",
    },
    async () => {
      for (const name of ["mine.txt", "open.txt"]) await writeFile(join(server.home("ada"), name), "before\n");
      await writeFile(join(server.home("ada"), "writer.py"), writer);
      const ada = await server.connect("ada");
      try {
        await ada.wait("F1 Help");
        ada.press("Ctrl-O");
        await ada.wait("Open a file");
        ada.type("open.txt\r");
        await ada.wait("before");
        await using prof = await server.connect("prof", { command: "run --keep /students/ada/writer.py", columns: 120 });
        await prof.wait("go?");
        await writeFile(join(server.home("ada"), "mine.txt"), "saved meanwhile\n");
        prof.type("\r");
        await prof.wait(/ kept \/students\/ada\/results\/new\.txt \(16 bytes\)[^]*not kept: \/students\/ada\/mine\.txt: mine\.txt was changed by another program[^]*not kept: \/students\/ada\/open\.txt: ada edits it now/);
      } finally {
        await ada.close();
      }
      assert.deepEqual(await Promise.all(["results/new.txt", "mine.txt", "open.txt"].map(onDisk)), ["from the program", "saved meanwhile\n", "before\n"]);
      assert.ok(!(await readdir(server.home("ada"))).includes("planted.txt"));
      const entries = await server.server.services.audit.list({ user: "ada", action: "file" });
      assert.deepEqual(entries.map(({ actor, action, subject, detail }) => ({ actor, action, subject, detail })), [
        { actor: "prof", action: "file.write", subject: "ada", detail: { path: "/students/ada/results/new.txt", after: 16 } },
        { actor: "prof", action: "file.folder", subject: "ada", detail: { path: "/students/ada/results" } },
      ]);
    },
  );

  it("keeps what a program wrote in the IDE, too, where somebody asks for that", async () => {
    await writeFile(join(server.home("ada"), "short.py"), 'import os\nopen("short.txt", "w").write("kept" + "!")\nprint("do" + "ne")\n');
    const client = await server.connect("prof", { columns: 120, rows: 40 });
    try {
      await client.wait("F1 Help");
      await open(client, "/students/ada/short.py");
      client.press("F5");
      await client.wait("done");
      assert.ok(!(await readdir(server.home("ada"))).includes("short.txt"));
      client.press("F3", "Ctrl-P");
      client.type("keep what");
      await client.wait("Keep what the student's program wrote");
      client.type("\r");
      await client.wait("Kept: short.txt.");
    } finally {
      await client.close();
    }
    assert.equal(await onDisk("short.txt"), "kept!");
  });

  it("refuses --keep for one's own program", async () => {
    const { status, stderr } = await server.run("prof", "run --keep grade.py");
    assert.equal(status, 2);
    assert.match(stderr, /--keep is for students' files/);
  });

  async function open(client: TerminalClient, path: string): Promise<void> {
    client.press("Ctrl-O");
    await client.wait("Open a file");
    client.type(`${path}\r`);
    await client.wait("import os");
  }
});
