/** A lesson on a server of two processes: three students, a professor and a teaching assistant, on real terminals. */
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Accounts } from "../../src/auth/accounts.ts";
import { PasswordHasher } from "../../src/auth/password-hasher.ts";
import { Scope } from "../../src/base/scope.ts";
import { SessionTable } from "../../src/cluster/session-table.ts";
import { startServerProcess, type ServerProcess } from "../cluster/server-process.ts";
import { testDatabase } from "../support/database.ts";
import { eventually } from "../support/eventually.ts";
import { clientHome, commandLine, runSshClient, type SshResult } from "../support/ssh-clients.ts";
import { openTerminalClient, type TerminalClient } from "../support/terminal-client.ts";

const password = "correct horse battery";

describe("a lesson", () => {
  let scope: Scope;
  let server: ServerProcess;
  let home: string;
  let data: string;
  let table: SessionTable;
  const screens = new Map<string, TerminalClient>();

  before(async () => {
    scope = new Scope("lesson");
    data = await mkdtemp(join(tmpdir(), "classh-lesson-"));
    scope.defer(() => rm(data, { recursive: true, force: true, maxRetries: 5 }));
    home = scope.own(await clientHome()).directory;
    const { database, url } = scope.own(await testDatabase());
    table = new SessionTable(database);
    const accounts = new Accounts({ database, hasher: new PasswordHasher({ cost: 4 }), passwordLength: 10 });
    const people = [
      ["ada", "student", "A"],
      ["alan", "student", "A"],
      ["grace", "student", "B"],
      ["liskov", "professor", undefined],
      ["tia", "ta", "A"],
    ] as const;
    for (const [username, role, section] of people) {
      await accounts.add({ username, role, section, name: username === "tia" ? "Tia" : "" });
      await accounts.setPassword(username, password);
    }
    const environment = {
      DATABASE_URL: url,
      CLASSH_DATABASE_POOL_SIZE: "4",
      CLASSH_ACCOUNTS_BCRYPT_COST: "4",
      CLASSH_INITIAL_PASSWORD_CHANGE: "off",
    };
    server = scope.own(await startServerProcess(data, ["--workers", "2"], environment));
    for (const student of ["ada", "alan", "grace"]) await connect(student);
    await connect("liskov", { columns: 200, rows: 50 }, "class");
    await connect("tia", {}, "class");
  });
  after(async () => {
    for (const screen of screens.values()) await screen.close();
    await scope.close();
  });

  const target = (user: string) => ({ host: "127.0.0.1", port: server.port, user, fingerprint: "", password });
  const run = (user: string, command: string): Promise<SshResult> =>
    runSshClient("openssh", { ...target(user), command });

  async function connect(
    user: string,
    size: { columns?: number; rows?: number } = {},
    command?: string,
  ): Promise<void> {
    const { file, args, env } = commandLine(
      "openssh",
      { ...target(user), options: ["-t"], ...(command === undefined ? {} : { command }) },
      home,
    );
    const screen = openTerminalClient(file, args, { ...size, env });
    screens.set(user, screen);
    await screen.wait(command === undefined ? "F1 Help" : "STUDENT");
  }

  const on = (user: string): TerminalClient => {
    const screen = screens.get(user);
    assert.ok(screen);
    return screen;
  };

  it("the students are at different processes, and the professor sees all of them, the assistant her own", async () => {
    const students = async () => (await table.list()).filter(({ detail }) => detail.role === "student");
    await eventually(async () => (await students()).length === 3); // a row tells its role within a second
    const rows = await students();
    assert.equal(new Set(rows.map(({ node }) => node.node)).size, 2);
    for (const student of ["ada", "alan", "grace"]) await on("liskov").wait(new RegExp(`^ ${student} `, "m"));
    await on("tia").wait(/^ alan /m);
    assert.ok(!on("tia").screen().join("\n").includes("grace"));
  });

  it("an error shows within a second, in one line, with how often", async () => {
    await writeFile(join(data, "files", "Local", "grace", "bad.py"), "print(1)\nprint(x)\n");
    on("grace").press("Ctrl-O");
    await on("grace").wait("Open a file");
    on("grace").type("/home/grace/bad.py\r");
    await on("grace").wait("print(x)");
    for (const times of [1, 2]) {
      on("grace").press("F5");
      await on("liskov").wait(
        times === 1
          ? /^ grace .*bad\.py .*NameError: name 'x' is not defined \(line 2\)/m
          : /^ grace .*\(line 2\) +×2 +✗ error/m,
      );
      on("grace").press("F3");
    }
    const [row] = JSON.parse((await run("liskov", "class list --json --section B")).stdout) as {
      username: string;
      error: string;
      errorTimes: number;
      lastRun: { outcome: string };
    }[];
    assert.deepEqual(
      [row?.username, row?.error, row?.errorTimes, row?.lastRun.outcome],
      ["grace", "NameError: name 'x' is not defined (line 2)", 2, "error"],
    );
  });

  it("a raised hand goes to the top, with a place in the queue; the claim shows on all screens, and the hand goes down", async () => {
    on("alan").press("Ctrl-K", "Ctrl-Q");
    await on("alan").wait("Raise your hand");
    on("alan").type("what is a loop?\r");
    await on("alan").wait("▲ hand up, 1st");
    await on("tia").wait("“what is a loop?”");
    assert.match((await run("ada", "hand raise")).stdout, /2nd in the queue/);
    await on("ada").wait("▲ hand up, 2nd");
    await on("tia").wait(/^ alan .*\n ada .*▲ hand/m);
    on("tia").type("c");
    await on("alan").wait("▲ Tia is coming");
    await on("ada").wait("▲ hand up, 1st");
    await on("liskov").wait(/^ alan .*▲ claimed .*Tia is going there/m);
    assert.equal((await run("liskov", "hand claim alan")).status, 5);
    on("tia").type("x");
    await on("alan").wait("a teacher has answered it");
    await on("alan").wait((screen) => !screen[0]?.includes("▲"));
    on("ada").press("Ctrl-K", "Ctrl-Q");
    await on("ada").wait("Your hand is down.");
    assert.equal((await run("liskov", "hand list --json")).stdout, "[]\n");
  });

  it("a message appears without taking a key away, is read in the inbox, and is answered", async () => {
    on("ada").press("F3");
    assert.equal((await run("tia", "message ada 'try \\\"range\\\"'")).status, 0);
    await on("ada").wait("✉ Tia: try");
    on("ada").type("# typed on ");
    await on("ada").wait("# typed on");
    assert.match(on("ada").screen()[0] ?? "", /✉ 1/);
    on("ada").press("F12");
    await on("ada").wait("r Reply");
    on("ada").type("r");
    await on("ada").wait("Message to tia");
    on("ada").type("thank you\r");
    await on("ada").wait("Sent to tia.");
    await on("tia").wait("ada: thank you");
    assert.ok(!on("ada").screen()[0]?.includes("✉"));
    assert.equal((await run("ada", "message alan hi")).status, 3);
  });

  it("a broadcast reaches every screen at once, and who was away finds it at the next login", async () => {
    await on("grace").close();
    screens.delete("grace");
    await on("liskov").wait(/^ grace .*○ away/m);
    const sent = await run("liskov", "broadcast five minutes left");
    assert.equal(sent.stdout, "Sent to 3 students; 2 of them logged in now.\n");
    await Promise.all(["ada", "alan"].map((student) => on(student).wait("✉ liskov: five minutes left")));
    await connect("grace");
    await on("grace").wait(/You have 1 new message|✉ 1/);
  });
});
