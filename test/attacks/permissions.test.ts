/** What people of every role could get out of what their role lets them do. */
import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Role } from "../../src/auth/roles.ts";
import { newKeyPair } from "../support/key-pair.ts";
import { passwordOf, testServer, type TestServer } from "../support/server.ts";
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
attempt("staff-read", lambda: os.listdir("/staff"))
attempt("course-write", lambda: pathlib.Path("/course/Tests/published.txt").write_text("x"))
`;
const asAda = [
  "I am ada in /home/ada",
  "own-home reached",
  "staff-home refused",
  "staff-write refused",
  "students refused",
  "classmate refused",
  "classmate-home refused",
  "course-read reached",
  "staff-read refused",
  "course-write refused",
];

describe("attacks by way of permissions", () => {
  let server: TestServer;
  const staffWords: Readonly<Record<Role, string>> = {
    student: "a student",
    ta: "an assistant",
    professor: "a professor",
    admin: "an admin",
  };
  const staff: readonly (readonly [string, Role])[] = [
    ["tia", "ta"],
    ["prof", "professor"],
    ["boss", "admin"],
  ];
  before(async () => {
    server = await testServer({ "limits.runsPerMinute": 600, "limits.commandsPerMinute": 6000 });
    await server.server.services.accounts.sections.add("A", {});
    for (const name of ["ada", "alan"]) await server.add(name, "student", "A");
    for (const [name, role] of staff) await server.add(name, role, name === "boss" ? undefined : "A");
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

  for (const [what, sequence] of [
    ["writes to the clipboard (OSC 52)", "\x1b]52;c;cm0gLXJmIH4=\x07"],
    ["changes the window's title (OSC 0)", "\x1b]0;owned\x07"],
    ["defines keys and asks for the terminal's settings (DCS)", "\x1bP1;1|17/owned\x1b\\\x1bP$qm\x1b\\"],
    ["uses controls of eight bits", "\u009d0;owned\u009c\u0090owned\u009c"],
    ["leaves modes behind: mouse, pastes, the other screen, no cursor", "\x1b[?1003h\x1b[?2004h\x1b[?1049h\x1b[?25l"],
  ] as const) {
    attack(
      {
        area: "permissions",
        attack: `a student's program that a teacher runs on a terminal ${what}`,
        outcome: "passed over, as in the console; the terminal is set back at the end",
      },
      async () => {
        await writeFile(
          join(server.home("ada"), "evil.py"),
          `print("before", ${JSON.stringify(sequence)}, "\x1b[31mred\x1b[m after")\n`,
        );
        await using prof = await server.connect("prof", {
          command: "run /students/ada/evil.py",
          pty: true,
          columns: 120,
        });
        assert.equal(await prof.exited, 0);
        const raw = prof.received();
        assert.match(raw, /before[^]*\x1b\[31mred\x1b\[0?m after/);
        // The test's own terminal ends what it reads with a mark.
        const shown = raw.replace(/\x1b_[0-9a-f]{16}\x1b\\/, "");
        assert.doesNotMatch(shown, /owned|\x1b\]|\x1bP|[\u0080-\u009f]|cm0gLXJmIH4/);
        assert.equal(prof.alternate(), false);
        const last = (mode: number): string | undefined =>
          [...raw.matchAll(new RegExp(`\\x1b\\[\\?${mode}([hl])`, "g"))].at(-1)?.[1];
        assert.deepEqual(
          [1003, 2004, 1049, 25].map((mode) => last(mode) ?? "l"),
          ["l", "l", "l", "h"],
        );
        // Without -t the output goes to the teacher's terminal as well, or to a file.
        await writeFile(
          join(server.home("ada"), "evil2.py"),
          `import sys\nfor out in (sys.stdout, sys.stderr):\n    print("before", ${JSON.stringify(sequence)}, "é\\tx after", file=out)\n`,
        );
        const piped = await server.run("prof", "run /students/ada/evil2.py");
        assert.deepEqual(
          [piped.status, piped.stdout, piped.stderr],
          [0, "before  é\tx after\n", "before  é\tx after\n"],
        );
        const exact = await server.run("prof", "run --raw /students/ada/evil2.py");
        assert.ok(exact.stdout.includes(sequence), "byte for byte");
      },
    );
  }

  for (const [name, role] of staff) {
    attack(
      {
        area: "permissions",
        attack: `a student's program, started by ${staffWords[role]} with \`run\`, writes to that person's home and to the course, and reads a classmate's files`,
        outcome:
          "it runs as the student on a copy of the student's home: it reaches what the student could, and changes nothing",
      },
      async () => {
        const { stdout, stderr, status } = await server.run(name, `run /students/ada/greedy-${name}.py`);
        assert.equal(status, 0, stderr);
        assert.deepEqual(stdout.trim().split("\n"), asAda);
        await unchanged();
      },
    );

    attack(
      {
        area: "permissions",
        attack: `the same, started by ${staffWords[role]} with F5, and from the prompt that follows`,
        outcome: "the same; the console's title says “as the student, on a copy”",
      },
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
    {
      area: "permissions",
      attack: "a student's module, imported or started by a teacher's own program, does what the teacher could",
      outcome: "no program of a teacher sees /students: there is nothing to import",
    },
    async () => {
      await writeFile(
        join(server.home("prof"), "grade.py"),
        'import os, sys\nsys.path.insert(0, "/students/ada")\nprint(os.path.exists("/students"))\nimport greedy\n',
      );
      const { stdout, stderr, status } = await server.run("prof", "run grade.py");
      assert.equal(status, 1);
      assert.equal(stdout, "False\n");
      assert.match(stderr, /ModuleNotFoundError/);
    },
  );

  attack(
    {
      area: "permissions",
      attack:
        "a member of staff reads or changes a colleague's, an admin's or an unrelated student's files through /students, an assistant those of another section",
      outcome: "/students has students only, an assistant's own sections' read-only; all others are not there",
    },
    async () => {
      const { workspaces } = server.server.services;
      const [tia, prof] = [
        workspaces.for({ username: "tia", role: "ta" }),
        workspaces.for({ username: "prof", role: "professor" }),
      ];
      const names = async (workspace: typeof tia): Promise<string[]> =>
        (await workspace.list("/students")).entries.map(({ name }) => name);
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
    {
      area: "permissions",
      attack:
        "an assistant who taught a section goes on reading its students' files after the section was given to somebody else",
      outcome: "within a second they are not there any more, also in a session that is open",
    },
    async () => {
      const { accounts, workspaces } = server.server.services;
      const tia = workspaces.for({ username: "tia", role: "ta" });
      await tia.readText("/students/ada/welcome.py");
      await accounts.changes.set("tia", { section: "" });
      await eventually(
        async () =>
          await tia.readText("/students/ada/welcome.py").then(
            () => false,
            () => true,
          ),
      );
      await refuses("file-not-found", tia.readText("/students/ada/welcome.py"));
      await accounts.changes.set("tia", { section: "A" });
    },
  );

  /** Adds a key to an account, as whoever knows the password once could. */
  async function addKey(username: string): Promise<string> {
    return (await server.server.services.accounts.addKey(username, newKeyPair().public)).fingerprint;
  }

  attack(
    {
      area: "permissions",
      attack:
        "somebody who has a student's password has added a key, sits in the IDE and runs a program; then the password is reset, by an assistant of the student's section",
      outcome:
        "sessions, programs and connections end at once, on every node, and the keys are gone; unsaved work is kept; assistants of other sections and staff's passwords are out of reach",
    },
    async () => {
      await addKey("alan");
      await writeFile(join(server.home("alan"), "forever.py"), 'print("run" + "ning", flush=True)\nwhile True: pass\n');
      const thief = await server.connect("alan");
      const program = await server.connect("alan", { command: "run forever.py" });
      try {
        await thief.wait("F1 Help");
        await program.wait("running");
        const { status, stdout, stderr } = await server.run("tia", "user reset-password alan");
        assert.equal(status, 0, stderr);
        assert.match(stdout, /New initial password of alan: \S+\nRemoved 1 public key of alan\./);
        await Promise.all([thief.exited, program.exited]);
      } finally {
        await Promise.all([thief.close(), program.close()]);
      }
      const { accounts, audit } = server.server.services;
      assert.deepEqual(await accounts.keys("alan"), []);
      const [entry] = await audit.list({ user: "alan", action: "user.reset-password" });
      assert.deepEqual([entry?.actor, entry?.detail], ["tia", { keys: "1 removed" }]);
      for (const name of ["grace", "prof", "boss", "tia"])
        assert.equal((await server.run("tia", `user reset-password ${name}`)).status, 3, name);
      await accounts.setPassword("alan", passwordOf("alan"));
    },
  );

  attack(
    {
      area: "permissions",
      attack:
        "a professor adds staff, adds a student to a colleague's section, moves a colleague's student to their own, changes roles, ends other people's sessions, releases the locks of staff, reads what colleagues did in the audit trail",
      outcome: "what a term needs works for the students of the professor's own sections, and nothing else does",
    },
    async () => {
      const { accounts, audit } = server.server.services;
      if (!(await accounts.sections.find("B"))) await accounts.sections.add("B", {});
      await audit.record({ actor: "boss", action: "user.add", subject: "pia", result: "ok" });
      for (const line of ["user add late --section A", "user set late --section A", "audit list --user late"]) {
        const { status, stderr } = await server.run("prof", line);
        assert.equal(status, 0, `${line}: ${stderr}`);
      }
      const refused = [
        "user add newprof --section A --role professor",
        "user add new --section B",
        "user set grace --section A",
        "user set late --section B",
        "user set late --role ta",
        "user set late --section ''",
        "user set tia --section A",
        "session kick grace",
        "session kick tia",
        "session kick --section B",
        "lock release edit:/home/grace/x.py",
        "lock release edit:/home/boss/x.py",
        "lock release 'edit:/course/Tests/t.py'",
        "lock release other",
        "user lock late",
        "user remove late",
        "audit verify",
      ];
      const { locks } = server.server.services;
      const held = await Promise.all(
        ["edit:/home/grace/x.py", "edit:/home/boss/x.py", "edit:/course/Tests/t.py", "other"].map((name) =>
          locks.acquire(name, { owner: "somebody" }),
        ),
      );
      const wrong: string[] = [];
      for (const line of refused) {
        const { status, stderr } = await server.run("prof", line);
        if (status !== 3) wrong.push(`${line}: ${status} ${stderr}`);
      }
      for (const lock of held) await lock.release();
      assert.deepEqual(wrong, []);
      assert.equal(
        (await server.run("prof", "lock release edit:/home/ada/nothing.py")).status,
        4,
        "of an own student it is only not there",
      );
      const { stdout } = await server.run("prof", "audit list --limit 1000 --json");
      const entries = JSON.parse(stdout) as { actor: string; subject: string | null }[];
      const own = new Set(["ada", "alan", "late"]);
      assert.ok(entries.length > 0);
      assert.deepEqual(
        entries.filter(({ actor, subject }) => !own.has(actor) && !own.has(subject ?? "")),
        [],
      );
    },
  );

  attack(
    {
      area: "permissions",
      attack: "somebody goes on in the IDE after the password was changed with `passwd --end-sessions`",
      outcome: "everything else that is open in that name ends; the connection that changed it still gets its answer",
    },
    async () => {
      const thief = await server.connect("grace");
      try {
        await thief.wait("F1 Help");
        const fresh = "quite another password 9";
        const { status, stdout, stderr } = await server.run(
          "grace",
          "passwd --end-sessions",
          `${passwordOf("grace")}\n${fresh}\n${fresh}\n`,
        );
        assert.equal(status, 0, stderr);
        assert.match(stdout, /your other sessions have ended/);
        await thief.exited;
        await server.server.services.accounts.setPassword("grace", passwordOf("grace"));
      } finally {
        await thief.close();
      }
    },
  );

  attack(
    {
      area: "permissions",
      attack: "a stolen key is used; a professor looks at others' keys; an admin removes one",
      outcome: "only admins can see and remove others' keys; what is open in that name ends with it",
    },
    async () => {
      const fingerprint = await addKey("grace");
      for (const line of ["key list grace", `key remove ${fingerprint} grace`])
        assert.equal((await server.run("prof", line)).status, 3, line);
      assert.match((await server.run("boss", "key list grace")).stdout, /SHA256:/);
      const thief = await server.connect("grace");
      try {
        await thief.wait("F1 Help");
        assert.equal((await server.run("boss", `key remove ${fingerprint} grace`)).status, 0);
        await thief.exited;
      } finally {
        await thief.close();
      }
      assert.deepEqual(await server.server.services.accounts.keys("grace"), []);
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
      attack:
        "what a student's program wrote is kept (`run --keep`) while the student edits one of the files and has saved another, and a link stands in a file's place",
      outcome:
        "new files are kept; what the student edits or has changed stays, and is named; links are not followed; the audit trail has each file, without its content",
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
        await using prof = await server.connect("prof", {
          command: "run --keep /students/ada/writer.py",
          columns: 120,
        });
        await prof.wait("go?");
        await writeFile(join(server.home("ada"), "mine.txt"), "saved meanwhile\n");
        prof.type("\r");
        await prof.wait(
          / kept \/students\/ada\/results\/new\.txt \(16 bytes\)[^]*not kept: \/students\/ada\/mine\.txt: the file mine\.txt was changed by another program[^]*not kept: \/students\/ada\/open\.txt: it is being edited by ada/,
        );
      } finally {
        await ada.close();
      }
      assert.deepEqual(await Promise.all(["results/new.txt", "mine.txt", "open.txt"].map(onDisk)), [
        "from the program",
        "saved meanwhile\n",
        "before\n",
      ]);
      assert.ok(!(await readdir(server.home("ada"))).includes("planted.txt"));
      const entries = await server.server.services.audit.list({ user: "ada", action: "file" });
      assert.deepEqual(
        entries.map(({ actor, action, subject, detail }) => ({ actor, action, subject, detail })),
        [
          {
            actor: "prof",
            action: "file.write",
            subject: "ada",
            detail: { path: "/students/ada/results/new.txt", after: 16 },
          },
          { actor: "prof", action: "file.folder", subject: "ada", detail: { path: "/students/ada/results" } },
        ],
      );
    },
  );

  it("keeps what a program wrote in the IDE, too, where somebody asks for that", async () => {
    await writeFile(
      join(server.home("ada"), "short.py"),
      'import os\nopen("short.txt", "w").write("kept" + "!")\nprint("do" + "ne")\n',
    );
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
    assert.match(stderr, /--keep is only for students' files/);
  });

  async function open(client: TerminalClient, path: string): Promise<void> {
    client.press("Ctrl-O");
    await client.wait("Open a file");
    client.type(`${path}\r`);
    await client.wait("import os");
  }
});
