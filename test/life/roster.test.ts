/** A term: sections, the list of the class, first logins, changes by several admins, the end, removal. Over real ssh. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { chmod, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { commands } from "../../src/commands/command-registry.ts";
import { eventually } from "../support/eventually.ts";
import { passwordOf, testServer, type TestServer } from "../support/server.ts";
import { differences, parseShape } from "../support/shape.ts";
import { openTerminalClient } from "../support/terminal-client.ts";

const run = promisify(execFile);

describe("the life of a term", () => {
  let server: TestServer;
  before(async () => {
    server = await testServer({ initialPasswordChange: true, "limits.commandsPerMinute": 1000 });
    await server.add("boss", "admin");
    await server.add("chief", "admin");
    await server.add("prof", "professor");
  });
  after(() => server[Symbol.asyncDispose]());

  /** Runs a command that has to succeed. */
  async function done(
    username: string,
    command: string,
    stdin = "",
  ): Promise<{ readonly stdout: string; readonly stderr: string }> {
    const { status, stdout, stderr } = await server.run(username, command, stdin);
    assert.equal(status, 0, `${command}: ${stderr}`);
    return { stdout, stderr };
  }

  /** The document of a command, which is as the command says. */
  async function json(username: string, command: string, stdin = "") {
    const { stdout } = await done(username, `${command} --json`, stdin);
    const { shape } = commands.find(({ name }) => command.startsWith(name)) ?? {};
    assert.ok(shape, command);
    const document = JSON.parse(stdout);
    assert.deepEqual(differences(parseShape(shape), document), [], command);
    return document;
  }

  /** Whether somebody can log in with a password: a wrong one is refused. */
  async function knows(username: string, password: string): Promise<boolean> {
    return (await server.server.services.accounts.verifyPassword(username, password)) !== undefined;
  }

  it("begins with sections and a list, and everybody logs in with the password of the answer", async () => {
    await json("boss", "section add A --title 'Monday 10am'");
    const list =
      '\ufeffusername;name;email;role;section\r\nada;"Lovelace; Ada";ada@x.edu;student;A\r\nada2;Ada Two;;;B\r\ntia;Tia T.;;ta;A\r\n';
    const dry = await done("boss", "user import --dry-run -", list);
    assert.equal(dry.stdout, "");
    assert.match(dry.stderr, /New sections: B\nNothing was changed. It would be: 3 added, 0 changed, 0 unchanged/);
    assert.deepEqual((await json("boss", "user import --dry-run -", list)).newSections, ["B"]);
    const { stdout, stderr } = await done("boss", "user import -", list);
    assert.match(stderr, /New sections: B\n3 added/);
    const [header, ...rows] = stdout.trimEnd().split("\n");
    assert.equal(header, "username,password,name,section");
    assert.deepEqual(
      rows.map((row) => row.split(",")[0]),
      ["ada", "ada2", "tia"],
    );
    const [, password = ""] = rows[0]?.split(",") ?? [];
    await using ada = openTerminalClient("ssh", ["-t", ...(await server.ssh("ada")).args]);
    await ada.wait("Password:");
    ada.type(`${password}\r`);
    await ada.wait("New password:");
    ada.type(`${passwordOf("ada")}\r`);
    await ada.wait(/again:/);
    ada.type(`${passwordOf("ada")}\r`);
    await ada.wait("F1 Help");
    const again = await done("boss", "user import -", list);
    assert.equal(again.stdout, "username,password,name,section\n");
    assert.match(again.stderr, /^0 added, 0 changed, 3 unchanged/);
    assert.ok(await knows("ada", passwordOf("ada")), "the same list again leaves passwords alone");
    const audit = await server.server.services.audit.list({ user: "ada", action: "user.add" });
    assert.deepEqual(
      audit.map(({ actor, detail }) => [actor, detail]),
      [["boss", { role: "student", by: "import" }]],
    );
  });

  it("refuses a list with bad lines as a whole, naming each, and takes the rest when asked to", async () => {
    const list = "username,name,role\nemmy,Emmy,\nEm il,Emil,\nboss,,student\nfred,Fred\n";
    const { status, stdout, stderr } = await server.run("boss", "user import - --json", list);
    assert.deepEqual([status, stdout], [2, ""]);
    assert.match(
      stderr,
      /^line 3: "em il" can't be a user name: .*\nline 4: you can't change your own role\nline 5: it has 2 cells.*\nclassh: 3 of 4 lines can't be used; nothing was changed/,
    );
    const { error } = JSON.parse(stderr.trimEnd().split("\n").at(-1) ?? "");
    assert.deepEqual([error.code, error.lines.map(({ line }: { line: number }) => line)], ["bad-roster", [3, 4, 5]]);
    assert.match(error.lines[1].problem, /your own role/);
    assert.equal(await server.server.services.accounts.find("emmy"), undefined);
    const report = await json("boss", "user import --skip-bad -", list);
    assert.deepEqual(
      [report.added.length, report.added[0].username, report.skipped.map(({ line }: { line: number }) => line)],
      [1, "emmy", [3, 4, 5]],
    );
    assert.ok(await knows("emmy", report.added[0].password));
  });

  it("reads a list from the admin's own files, and exports what it reads", async () => {
    const exported = (await done("prof", "user export --section A")).stdout;
    assert.match(
      exported,
      /^username,name,email,role,section,teaches\nada,Lovelace; Ada,ada@x.edu,student,A,\ntia,Tia T.,,ta,A,\n$/,
    );
    await writeFile(join(server.home("boss"), "class.csv"), exported);
    assert.match((await done("boss", "user import class.csv")).stderr, /0 added, 0 changed, 2 unchanged/);
    assert.equal((await server.run("boss", "user import missing.csv")).status, 4);
    assert.equal((await server.run("boss", "user export --section none")).status, 4);
    assert.equal((await server.run("prof", "user import -", exported)).status, 3);
  });

  it("refuses a list of 50,000 people and one that breaks off, and changes nothing", async () => {
    const accounts = async (): Promise<number> => (await server.server.services.accounts.list()).length;
    const before = await accounts();
    const long = `username,name\n${Array.from({ length: 50_000 }, (_, index) => `p${index},Person ${index}\n`).join("")}`;
    assert.match((await server.run("boss", "user import -", long)).stderr, /^classh: there are more than 10000 people/);
    assert.match((await server.run("boss", "user import -", long.slice(0, 30_001))).stderr, /is the list complete/);
    assert.match(
      (await server.run("boss", "user import --dry-run -", long.slice(0, 30_005))).stderr,
      /^The last line \(p1789\) has no line end/,
    );
    assert.equal(await accounts(), before);
  });

  it("reads what a course system exports, tells what it left out, and disables who is not in the list any more", async () => {
    const canvas = readFileSync(new URL("../commands/rosters/canvas.csv", import.meta.url), "utf8");
    const { stdout, stderr } = await done("boss", "user import -", canvas);
    assert.deepEqual(
      stdout
        .trimEnd()
        .split("\n")
        .map((line) => line.split(",")[0]),
      ["username", "alovelace", "guido.r", "zoe.mueller"],
    );
    assert.match(
      stderr,
      /^Ignored columns: ID, SIS User ID, Homework 1, loops \(101\), Current Score, Final Grade\nline 2: skipped, a heading\nline 6: skipped, .*test student\n/,
    );
    assert.match(
      stderr,
      /guido\.r is in several sections in the list; placed in CS101-A, not in CS101-B\nNew sections: CS101-A, CS101-B\n3 added/,
    );
    assert.match((await done("boss", "user import -", canvas)).stderr, /0 added, 0 changed, 3 unchanged/);
    const fewer = canvas
      .split("\n")
      .filter((line) => !line.includes("Lovelace"))
      .join("\n");
    assert.deepEqual((await json("boss", "user import --missing report -", fewer)).missing, ["alovelace"]);
    assert.equal((await json("boss", "user show alovelace")).state, "active");
    assert.match(
      (await done("boss", "user import --missing disable --dry-run -", fewer)).stderr,
      /In the list's sections, but not in the list: alovelace/,
    );
    assert.equal((await json("boss", "user show alovelace")).state, "active");
    const report = await json("boss", "user import --missing disable -", fewer);
    assert.deepEqual([report.missing, report.disabled], [["alovelace"], ["alovelace"]]);
    assert.equal((await json("boss", "user show alovelace")).state, "disabled");
    assert.deepEqual((await json("boss", "user import --missing disable -", fewer)).disabled, [], "again: nothing");
    assert.equal(
      (await json("boss", "user show tia")).state,
      "active",
      "other sections, and staff, are nobody's business",
    );
    assert.equal((await server.run("boss", "user import --missing maybe -", fewer)).status, 2);
  });

  it("lets people log in by names of digits and dots, in capitals, and by an e-mail address that is theirs alone", async () => {
    await server.add("1234567");
    await server.add("mary.ann");
    await done("boss", "user set mary.ann --email Mary.Ann@college.edu");
    for (const [name, username] of [
      ["1234567", "1234567"],
      ["mary.ann", "mary.ann"],
      ["Mary.Ann", "mary.ann"],
      ["mary.ann@college.edu", "mary.ann"],
    ] as const) {
      const { args, env } = await server.ssh(name, passwordOf(username));
      const { stdout } = await run("ssh", [...args, "whoami", "--json"], { env });
      assert.equal(JSON.parse(stdout).username, username, name);
    }
    assert.equal(await server.server.services.accounts.loginName("MARY.ANN@college.edu"), "mary.ann");
    await server.add("mary2");
    await done("boss", "user set mary2 --email mary.ann@college.edu");
    assert.equal(
      await server.server.services.accounts.loginName("mary.ann@college.edu"),
      "mary.ann@college.edu",
      "two have it: nobody is meant",
    );
    const logins = await server.server.services.audit.list({ user: "mary.ann", action: "login" });
    assert.ok(logins.length >= 3, "the trail has the account, whatever was typed");
    await writeFile(
      join(server.home("1234567"), "who.py"),
      "import getpass, os\nprint(getpass.getuser(), os.path.expanduser('~'), os.getcwd())\n",
    );
    assert.equal((await done("1234567", "run who.py")).stdout, "1234567 /home/1234567 /home/1234567\n");
  });

  it("shows progress only to a terminal", async () => {
    await writeFile(
      join(server.home("boss"), "more.csv"),
      `username,section\n${Array.from({ length: 30 }, (_, index) => `m${index},M\n`).join("")}`,
    );
    const { args, env } = await server.ssh("boss");
    await using client = openTerminalClient("ssh", ["-tt", ...args, "user", "import", "more.csv"], { env, rows: 50 });
    assert.equal(await client.exited, 0);
    const screen = client.screen().join("\n");
    assert.match(screen, /m29,/);
    assert.match(screen, /30 added/);
    assert.doesNotMatch(screen, /passwords: \d/, "the line is wiped away");
  });

  it("lets a teaching assistant see the students of their own sections only", async () => {
    await done("boss", "user set tia --section A");
    await server.server.services.accounts.setPassword("tia", passwordOf("tia"));
    const seen = async (): Promise<string[]> =>
      (await json("tia", "user list")).map(({ username }: { username: string }) => username);
    assert.deepEqual(await seen(), ["ada", "tia"]);
    assert.equal((await server.run("tia", "user show ada2")).status, 3);
    await json("boss", "section set B --staff tia");
    assert.deepEqual(await seen(), ["ada", "ada2", "tia"]);
    const sections = await json("tia", "section list");
    assert.deepEqual(
      sections.map(({ name, staff }: { name: string; staff: string[] }) => [name, staff]),
      [
        ["A", ["tia"]],
        ["B", ["tia"]],
      ],
    );
    assert.equal((await server.run("tia", "section add C")).status, 3);
  });

  it("has two admins who change one account at once: neither loses what the other did", async () => {
    await Promise.all([
      done("boss", "user set ada2 --name 'Ada the Second'"),
      done("chief", "user set ada2 --email second@x.edu"),
      done("chief", "user import -", "username,section\nada2,A\n"),
    ]);
    const ada2 = await json("boss", "user show ada2");
    assert.deepEqual([ada2.name, ada2.email, ada2.section], ["Ada the Second", "second@x.edu", "A"]);
  });

  it("has no admin shut out by mistake", async () => {
    for (const command of [
      "user set boss --role ta",
      "user disable boss",
      "user remove boss",
      "user disable boss prof",
    ]) {
      const { status, stderr } = await server.run("boss", command);
      assert.equal(status, 3, command);
      assert.match(stderr, /your own account/);
    }
    assert.match((await server.run("boss", "user set boss")).stderr, /there is nothing to change/);
  });

  it("ends a session whose person gets another role, since what a session may do is decided at its start", async () => {
    await using ada = await server.connect("ada");
    await ada.wait("F1 Help");
    await done("boss", "user set ada --role ta");
    await ada.exited;
    assert.match(ada.screen().join("\n"), /Your role is now ta/);
    await done("boss", "user set ada --role student");
  });

  it("gives a section new passwords as CSV, all or none", async () => {
    assert.deepEqual(await json("prof", "user reset-password --section B --dry-run"), { dryRun: true, users: [] });
    await done("boss", "user set ada2 --section B");
    const { stdout } = await done("prof", "user reset-password --section B --csv");
    const [, row = ""] = stdout.split("\n");
    const [username = "", password = ""] = row.split(",");
    assert.equal(username, "ada2");
    assert.ok(await knows("ada2", password));
    assert.equal(
      (await server.run("prof", "user reset-password ada2 boss")).status,
      3,
      "a professor never gets an admin's password",
    );
    assert.ok(await knows("ada2", password), "and nothing was reset");
    assert.equal((await server.run("prof", "user reset-password --section b")).status, 4);
    assert.equal((await server.run("prof", "user reset-password")).status, 2);
    assert.equal((await server.run("prof", "user reset-password ada --section A")).status, 2);
  });

  it("ends for a section with one command, and sessions with it", async () => {
    await using ada = await server.connect("ada");
    await ada.wait("F1 Help");
    const dry = await done("boss", "user disable --section A --dry-run");
    assert.match(dry.stdout, /^Would disable: ada \(1 account\)/, "tia is in the section, but no student");
    await done("boss", "user disable --section A");
    await ada.exited;
    assert.match(ada.screen().join("\n"), /Your account was disabled/);
    const { stderr } = await done("boss", "user import -", "username,name\nada,Ada L.\n");
    assert.match(stderr, /Disabled, and staying so: 1 account/);
    assert.deepEqual(
      (await json("boss", "user enable --section A")).map(
        ({ username, state }: { username: string; state: string }) => [username, state],
      ),
      [["ada", "active"]],
    );
    assert.equal((await json("boss", "user enable ada")).username, "ada");
  });

  describe("and of an account that is renamed", () => {
    const audited = async (user: string): Promise<string[]> =>
      (await server.server.services.audit.list({ user })).map(({ action }) => action);

    it("keeps its files, its unsaved text, its messages, its password and its trail", async () => {
      await server.add("lise", "student", "A");
      await writeFile(join(server.home("lise"), "mine.py"), "x = 1\n");
      await done("lise", "message prof 'from lise'");
      await using lise = await server.connect("lise");
      await lise.wait("F1 Help");
      lise.type("# unsaved words ");
      await lise.wait("unsaved words");
      assert.match(
        (await done("boss", "user rename lise Lise.Meitner --dry-run")).stdout,
        /Would rename lise to lise\.meitner/,
      );
      assert.deepEqual(await json("boss", "user rename lise Lise.Meitner"), {
        dryRun: false,
        from: "lise",
        to: "lise.meitner",
      });
      await lise.exited;
      assert.match(
        lise.screen().join("\n"),
        /Your account is now lise\.meitner\. Log in with that name; your work is kept\./,
      );
      assert.equal((await server.run("boss", "user show lise")).status, 4);
      assert.ok(await knows("lise.meitner", passwordOf("lise")));
      assert.equal(await readFile(join(server.home("lise.meitner"), "mine.py"), "utf8"), "x = 1\n");
      assert.ok(!(await readdir(join(server.data, "files", "Local"))).includes("lise"));
      assert.ok(
        (await json("prof", "inbox")).some(
          ({ sender, text }: { sender: string; text: string }) => sender === "lise.meitner" && text === "from lise",
        ),
      );
      await using again = await server.connect("lise.meitner", { password: passwordOf("lise") });
      await again.wait("unsaved words");
      await again.close();
      const actions = await audited("lise.meitner");
      for (const action of ["user.rename", "message.send", "login"])
        assert.ok(actions.includes(action), `${action} in ${actions.join()}`);
      assert.ok((await json("boss", "audit verify")).unbroken);
    });

    it("gives the old name to somebody else, with an empty home and a trail of her own", async () => {
      await server.add("lise", "student", "A");
      await done("lise", "message prof 'the second lise'");
      assert.deepEqual((await readdir(server.home("lise"))).toSorted(), ["welcome.py"]);
      const second = (await audited("lise")).filter((action) => action === "message.send").length;
      assert.equal(
        (await audited("lise.meitner")).filter((action) => action === "message.send").length,
        second - 1,
        "what the second one does is not the first one's",
      );
    });

    it("is refused for a name that is taken or none, for oneself, and while somebody else has a file open; nothing is changed", async () => {
      const refusals = [
        ["user rename lise lise.meitner", 5],
        ["user rename lise ../x", 2],
        ["user rename lise lise", 2],
        ["user rename boss chief2", 3],
        ["user rename nobody x", 4],
      ] as const;
      for (const [line, status] of refusals) assert.equal((await server.run("boss", line)).status, status, line);
      assert.equal((await server.run("prof", "user rename lise lisa")).status, 3);
      await mkdir(join(server.data, "files", "Local", "left.over"));
      assert.match(
        (await server.run("boss", "user rename lise left.over")).stderr,
        /there are files of an account left\.over/,
      );
      await using lock = await server.server.services.locks.acquire("edit:/home/lise/welcome.py", {
        owner: JSON.stringify({ user: "prof", name: "Prof", session: "x" }),
      });
      assert.match(
        (await server.run("boss", "user rename lise lisa")).stderr,
        /a file is in use: edit:\/home\/lise\/welcome\.py/,
      );
      assert.equal((await json("boss", "user show lise")).state, "active");
      assert.ok((await readdir(server.home("lise"))).includes("welcome.py"));
      void lock;
    });
  });

  describe("and of an account that is removed", () => {
    it("puts its files and unsaved text into an archive, and leaves people with longer names alone", async () => {
      const home = server.home("ada");
      await mkdir(join(home, "locked"));
      await writeFile(join(home, "locked", "secret.py"), "x = 1\n");
      await chmod(join(home, "locked"), 0o000);
      await run("mkfifo", [join(home, "pipe")]);
      await run("ln", ["-s", "/etc/passwd", join(home, "link")]);
      await server.server.services.workspaces.ensureHome("ada2");
      await using ada = await server.connect("ada");
      await ada.wait("F1 Help");
      ada.type("unsaved words ");
      await ada.wait("unsaved words");
      await done("boss", "user remove ada");
      await ada.exited;
      assert.equal((await server.run("boss", "user show ada")).status, 4);
      await done("boss", "user show ada2");
      assert.ok((await readdir(join(server.data, "files", "Local"))).includes("ada2"));
      assert.ok(!(await readdir(join(server.data, "files", "Local"))).includes("ada"));
      const kept = await readdir(join(server.data, "archive"));
      assert.equal(kept.length, 1, kept.join());
      assert.match(kept[0] ?? "", /^ada-\d{4}-\d\d-\d\dT[\d-]+Z\.tar\.gz$/);
      const { stdout } = await run("tar", ["-tvzf", join(server.data, "archive", kept[0] ?? "")]);
      for (const part of [
        "home/locked/secret.py",
        "home/welcome.py",
        "home/pipe",
        "home/link -> /etc/passwd",
        "unsaved/",
      ])
        assert.ok(stdout.includes(part), `${part} in ${stdout}`);
      const audit = await server.server.services.audit.list({ user: "ada", action: "user.remove" });
      assert.deepEqual(
        audit.map(({ actor, detail }) => [actor, detail?.archive]),
        [["boss", kept[0]]],
      );
      assert.ok(
        (await server.server.services.audit.list({ user: "ada", action: "user.add" })).length > 0,
        "the trail stays",
      );
    });

    it("gives the name to somebody else with an empty home, whom an old connection does not become", async () => {
      await server.add("hedy");
      await writeFile(join(server.home("hedy"), "old.py"), "old\n");
      const { args, env } = await server.ssh("hedy");
      const socket = join(server.data, "mux");
      await using master = openTerminalClient("ssh", ["-M", "-S", socket, "-N", ...args], { env });
      const over = (command: string) =>
        run("ssh", ["-S", socket, "-o", "ControlMaster=no", ...args, command], {
          env: { ...env, SSH_ASKPASS: "/bin/false" },
        });
      await eventually(() =>
        over("whoami").then(
          ({ stdout }) => stdout.includes("hedy"),
          () => false,
        ),
      );
      assert.match((await json("boss", "user remove hedy")).archive, /^hedy-/);
      await master.exited; // the old connection ends
      await server.add("hedy");
      await assert.rejects(over("whoami"), /Permission denied/);
      const files = await readdir(server.home("hedy"));
      assert.deepEqual(files, ["welcome.py"]);
    });

    it("deletes files without an archive only when it is said twice", async () => {
      await server.add("ivy");
      assert.equal((await server.run("boss", "user remove ivy --no-archive")).status, 2);
      const before = await readdir(join(server.data, "archive"));
      assert.match(
        (await done("boss", "user remove ivy --dry-run")).stdout,
        /^Would archive the files and remove: ivy/,
      );
      await done("boss", "user remove ivy --no-archive --yes");
      assert.deepEqual(await readdir(join(server.data, "archive")), before);
      assert.equal((await server.run("boss", "user remove ivy")).status, 4);
    });

    it("changes nothing when the archive can't be made", async () => {
      await server.add("joan");
      const file = join(server.home("joan"), "kept.py");
      await writeFile(file, "kept\n");
      const archive = join(server.data, "archive");
      await chmod(archive, 0o500);
      try {
        const { status } = await server.run("boss", "user remove joan");
        assert.notEqual(status, 0);
      } finally {
        await chmod(archive, 0o700);
      }
      assert.equal(await readFile(file, "utf8"), "kept\n");
      assert.equal((await server.server.services.accounts.get("joan")).state, "active");
    });
  });
});
