/** What `usage` says after real logins and runs, to whom, and after accounts were renamed and removed. */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { UsageReport } from "../../src/commands/usage-report.ts";
import { eventually } from "../support/eventually.ts";
import { testServer, type TestServer } from "../support/server.ts";

describe("usage", () => {
  let server: TestServer;
  before(async () => {
    server = await testServer({ "limits.runSeconds": 600 });
    await server.add("boss", "admin");
    await server.add("ada", "student", "A");
    await server.add("grace", "student", "B");
    await server.add("tia", "ta", "A");
    await server.add("prof", "professor", "B");
    await server.add("free", "professor");
    await writeFile(join(server.home("ada"), "good.py"), "print('good')\n");
    await writeFile(join(server.home("ada"), "bad.py"), "nothing_like_that\n");
    await server.run("ada", "run good.py");
    await server.run("ada", "run bad.py");
    await server.run("grace", "whoami");
    await using ada = await server.connect("ada");
    await ada.wait("Welcome");
    ada.press("Ctrl-O");
    await ada.wait("Open");
    ada.type("bad.py");
    ada.press("Enter");
    await ada.wait("nothing_like_that");
    ada.press("F5");
    await ada.wait("NameError");
    // Each file has a console of its own; a statement at a prompt is no run, but its error counts.
    ada.press("Ctrl-O");
    await ada.wait("Open");
    ada.type("good.py");
    ada.press("Enter");
    await ada.wait("print('good')");
    ada.press("F5");
    await ada.wait(/>>> *$/m);
    ada.press("F4");
    ada.type("1/0\r");
    await ada.wait("ZeroDivisionError");
  });
  after(() => server[Symbol.asyncDispose]());

  const reportOf = async (user: string, words = ""): Promise<UsageReport> => {
    const { stdout, stderr } = await server.run(user, `usage ${words} --json`);
    assert.equal(stderr, "");
    return JSON.parse(stdout) as UsageReport;
  };

  it("counts logins, runs by how they ended and errors, by student and by day", async () => {
    const { students, days, all } = await reportOf("boss");
    const [ada, grace] = students;
    assert.equal(ada?.username, "ada");
    assert.deepEqual(ada?.outcomes, { ok: 2, error: 1, exit: 1 });
    assert.deepEqual(ada?.errors, { NameError: 1, ZeroDivisionError: 1 });
    assert.deepEqual([ada?.logins, grace?.logins, all.runs], [3, 1, 4]);
    assert.equal(days.length, 30);
    assert.deepEqual([days.at(-1)?.students, days[0]?.students], [2, 0]);
    const { stdout } = await server.run("boss", "usage --since 7d");
    assert.match(stdout, /ada +A +3 +0\.0 +4 +2 +2 +0 +NameError 1, ZeroDivisionError 1/);
  });

  it("shows teachers their own sections only", async () => {
    const names = ({ students }: UsageReport): readonly unknown[] => students.map(({ username }) => username);
    assert.deepEqual(names(await reportOf("tia")), ["ada"]);
    assert.deepEqual(names(await reportOf("prof")), ["grace"]);
    assert.deepEqual(names(await reportOf("free")), []);
    assert.deepEqual(names(await reportOf("boss", "--section B")), ["grace"]);
    assert.equal((await reportOf("tia")).days.at(-1)?.logins, 3, "days count own students only, too");
    for (const [user, section] of [
      ["tia", "B"],
      ["prof", "A"],
    ] as const) {
      const { status, stdout, stderr } = await server.run(user, `usage --section ${section}`);
      assert.deepEqual([status, stdout], [3, ""]);
      assert.match(stderr, /you don't teach section/);
    }
    assert.equal((await server.run("tia", "usage --csv --section B")).status, 3);
    assert.doesNotMatch((await server.run("tia", "usage --csv")).stdout, /grace/);
  });

  it("has a line for each student and day as CSV, which no spreadsheet runs", async () => {
    await server.server.services.accounts.changes.set("grace", { name: "=1+1" });
    const { stdout } = await server.run("boss", "usage --since 2d --csv");
    const [header, ada, grace] = stdout.split("\n");
    assert.match(header ?? "", /^day,username,name,section,logins,hours,runs,ok,error,exit,stopped,.*,errors$/);
    assert.match(ada ?? "", /^\d{4}-\d\d-\d\d,ada,,A,3,0\.\d\d,4,2,1,1,0,.*,NameError=1 ZeroDivisionError=1$/);
    assert.match(grace ?? "", /,grace,'=1\+1,B,1,/);
  });

  it("says what is wrong with what was asked for", async () => {
    for (const [words, why] of [
      ["--since never", /is not a time/],
      ["--since 2000d", /at most 400 days/],
      ["--since 2999-01-01", /still to come/],
      ["--section none", /there is no section "none"/],
      ["--csv --json", /can't be combined/],
    ] as const) {
      const { status, stderr } = await server.run("boss", `usage ${words}`);
      assert.notEqual(status, 0, words);
      assert.match(stderr, why);
    }
  });

  it("is a screen of the class view and of the palette, which leads back", async () => {
    await using tia = await server.connect("tia", { command: "class", pty: true });
    await tia.wait("STUDENT");
    tia.type("u");
    await tia.wait(/Hours a day .* section A/);
    await tia.wait(/ada .* 4 +2 +2 +0 +NameError 1/);
    assert.doesNotMatch(tia.dump(), /grace/);
    tia.type("q");
    await tia.wait("STATE");
    tia.type("s");
    await tia.wait("for admins");
    await using boss = await server.connect("boss");
    await boss.wait("Welcome");
    boss.press("Ctrl-P");
    await boss.wait("Commands");
    boss.type("usage");
    await boss.wait("Usage: what students did");
    boss.press("Enter");
    await boss.wait(/Hours a day .* everybody/);
    await boss.wait("grace");
    boss.press("Escape");
    await boss.wait("CONSOLE");
    boss.press("Ctrl-P");
    await boss.wait("Commands");
    boss.type("how it is doing");
    await boss.wait("Server: how it is doing");
    boss.press("Enter");
    await boss.wait(/Server +classh .* up/);
    await boss.wait(/Database +up/);
    const { stdout } = await server.run("boss", "status --json");
    const { version, sessions } = JSON.parse(stdout) as { version: string; sessions: number };
    await boss.wait(`classh ${version}`);
    await boss.wait(`${sessions} in the IDE`);
    await boss.wait(/SLOWEST[^]*start of a jail/);
    boss.press("Ctrl-Q");
    await boss.exited;
  });

  it("counts the time in the IDE", async () => {
    await using grace = await server.connect("grace");
    await grace.wait("Welcome");
    await eventually(
      async () => ((await reportOf("boss")).students.find(({ username }) => username === "grace")?.seconds ?? 0) >= 10,
    );
  });

  it("keeps a renamed account's numbers under the new name, and a removed one's without a name, for admins", async () => {
    await server.run("boss", "user rename ada countess");
    const { students } = await reportOf("tia");
    assert.deepEqual(
      students.map(({ username, logins }) => [username, logins]),
      [["countess", 3]],
    );
    await server.run("boss", "user remove countess");
    const after = await reportOf("boss");
    const removed = after.students.find(({ username }) => username === null);
    assert.deepEqual(
      [removed?.logins, removed?.errors, after.all.runs],
      [3, { NameError: 1, ZeroDivisionError: 1 }, 4],
    );
    assert.deepEqual((await reportOf("tia")).students, []);
    assert.match((await server.run("boss", "usage")).stdout, /\(removed\)/);
  });
});
