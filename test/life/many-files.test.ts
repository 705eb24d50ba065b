/** Files of many people at once: handed out, collected, exported, and put into the course. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { finish, type SshResult } from "../support/ssh-clients.ts";
import { testServer, type TestServer } from "../support/server.ts";

describe("files of many people", () => {
  let server: TestServer;
  let here: string;

  before(async () => {
    server = await testServer({
      "limits.workspaceMebibytes": 4,
      "limits.fileMebibytes": 1,
      "limits.commandsPerMinute": 1000,
    });
    for (const [name, section] of [
      ["ada", "A"],
      ["alan", "A"],
      ["grace", "B"],
    ] as const)
      await server.add(name, "student", section);
    await server.add("liskov", "professor");
    await server.add("hopper", "admin");
    await server.add("tia", "ta", "A");
    here = await mkdtemp(join(tmpdir(), "many-files-"));
    await mkdir(join(here, "hw1/deep"), { recursive: true });
    await writeFile(join(here, "hw1/a.py"), "print(1)\n");
    await writeFile(join(here, "hw1/deep/ü x.txt"), "x");
  });
  after(async () => {
    await rm(here, { recursive: true, force: true });
    await server[Symbol.asyncDispose]();
  });

  const home = (user: string, ...path: readonly string[]): string => join(server.home(user), ...path);
  const local = async (file: string, args: readonly string[], input?: Buffer): Promise<Buffer> => {
    const child = spawn(file, args, { cwd: here, stdio: "pipe" });
    const pieces: Buffer[] = [];
    child.stdout.on("data", (piece: Buffer) => pieces.push(piece));
    const { status, stderr } = await finish(child, input);
    assert.equal(status, 0, stderr);
    return Buffer.concat(pieces);
  };
  const tar = async (...args: readonly string[]): Promise<Buffer> => await local("tar", args);
  /** The names in an archive that a command sends, and what it tells. */
  const sent = async (
    user: string,
    command: string,
  ): Promise<{ names: string[]; result: SshResult; archive: Buffer }> => {
    const { args, env } = await server.ssh(user);
    const child = spawn("ssh", [...args, command], { stdio: "pipe", env });
    const pieces: Buffer[] = [];
    child.stdout.on("data", (piece: Buffer) => pieces.push(piece));
    const result = await finish(child);
    const archive = Buffer.concat(pieces);
    const listing = archive.length > 0 ? (await local("tar", ["-tz"], archive)).toString() : "";
    return { result, archive, names: listing.split("\n").filter((name) => name !== "" && !name.endsWith("/")) };
  };
  const json = ({ stdout, stderr }: SshResult): unknown => (assert.notEqual(stdout, "", stderr), JSON.parse(stdout));

  it("are handed out from an archive, and nothing that is there is replaced", async () => {
    await mkdir(home("ada", "One/hw1"), { recursive: true });
    await writeFile(home("ada", "One/hw1/a.py"), "mine");
    const archive = await tar("-cz", "hw1");
    const plan = await server.run("liskov", "distribute --section A --to One --dry-run --json", archive);
    const files = ["hw1/deep/ü x.txt", "hw1/a.py"].map((name) => `One/${name}`);
    const expected = [
      { username: "ada", put: [files[0]], there: [files[1]], problem: null },
      { username: "alan", put: files, there: [], problem: null },
    ];
    const sorted = (value: unknown): unknown =>
      JSON.parse(JSON.stringify(value), (_, part: unknown) =>
        Array.isArray(part) && typeof part[0] === "string" ? (part as string[]).toSorted() : part,
      );
    assert.deepEqual(sorted((json(plan) as { students: unknown }).students), sorted(expected));
    assert.equal(existsSync(home("alan", "One")), false);
    const done = await server.run("liskov", "distribute --section A --to One --json", archive);
    assert.equal(done.status, 0, done.stderr);
    assert.deepEqual(sorted((json(done) as { students: unknown }).students), sorted(expected));
    assert.equal(await readFile(home("ada", "One/hw1/a.py"), "utf8"), "mine");
    assert.equal(await readFile(home("alan", "One/hw1/deep/ü x.txt"), "utf8"), "x");
    assert.equal(existsSync(home("grace", "One")), false);
    const entries = await server.server.services.audit.list({ action: "file.distribute" });
    assert.deepEqual(entries.map(({ subject = "" }) => subject).toSorted(), ["ada", "alan"]);
  });

  it("are handed out from one's own files and the course's, to everybody", async () => {
    await writeFile(home("liskov", "-odd name.txt"), "odd");
    const { status, stdout, stderr } = await server.run("liskov", "distribute -- '-odd name.txt' --all");
    assert.notEqual(status, 0, "what follows -- are paths");
    const done = await server.run("liskov", "distribute --all './-odd name.txt' '/course/Lecture Notes'");
    assert.equal(done.status, 0, done.stderr + stdout + stderr);
    for (const user of ["ada", "alan", "grace"]) {
      assert.equal(await readFile(home(user, "-odd name.txt"), "utf8"), "odd");
      assert.ok((await readdir(home(user, "Lecture Notes"))).length > 0);
    }
  });

  it("go nowhere else by an archive or a home that wants that", async () => {
    await writeFile(join(here, "evil.txt"), "evil");
    const archive = await tar("-c", "-P", "--transform=s,evil.txt,../../../../course/Tests/evil.txt,", "evil.txt");
    await server.run("liskov", "distribute --section B", archive);
    assert.equal(existsSync(join(server.data, "files/Tests/evil.txt")), false);
    await symlink("/course/Tests", home("grace", "Trap"));
    await symlink(server.home("ada"), home("grace", "Other"));
    for (const folder of ["Trap", "Other"])
      await server.run("liskov", `distribute --section B --to ${folder}`, await tar("-c", "evil.txt"));
    assert.equal(existsSync(join(server.data, "files/Tests/evil.txt")), false);
    assert.equal(existsSync(home("ada", "evil.txt")), false);
    await rm(home("grace", "Trap"));
    await rm(home("grace", "Other"));
  });

  it("tell for each student what went wrong, and go on", async () => {
    await writeFile(home("ada", "Full"), "a file where a folder should be");
    const { status, stdout } = await server.run(
      "liskov",
      "distribute --section A --to Full --json",
      await tar("-c", "hw1"),
    );
    assert.equal(status, 1);
    const { students } = JSON.parse(stdout) as {
      students: { username: string; problem: string | null; put: string[] }[];
    };
    assert.deepEqual(
      students.map(({ username, problem, put }) => [username, problem !== null, put.length]),
      [
        ["ada", true, 0],
        ["alan", false, 2],
      ],
    );
  });

  for (const [what, command, input, message] of [
    ["no archive", "distribute --all", "hello", /standard input is no tar archive/],
    ["a cut archive", "distribute --all", "cut", /damaged or incomplete/],
    ["neither a section nor everybody", "distribute x", "", /whose files/],
    ["a section that is not there", "distribute x --section C", "", /no section "C"/],
    ["a path that is not there", "distribute x --all", "", /no x|there is no/],
    ["a way out of the home", "distribute welcome.py --all --to ../x", "", /below a student's home/],
    ["a pattern that leads out", "collect ../x --all", "", /starts in each student's home/],
    ["a folder of the course that is not there", "course put Nowhere/x", "x", /no folder Nowhere/],
    ["a student's home", "course put /students/ada/x", "x", /not in the course/],
  ] as const)
    it(`are refused with a reason: ${what}`, async () => {
      const bytes = input === "cut" ? (await tar("-cz", "hw1")).subarray(0, 120) : Buffer.from(input);
      const { status, stderr } = await server.run("liskov", command, bytes);
      assert.notEqual(status, 0);
      assert.match(stderr, message);
    });

  it("are collected by pattern, a folder for each student, closed and linked ones as they are", async () => {
    await writeFile(home("ada", "One/hw1/b.py"), "b");
    await chmod(home("ada", "One/hw1/b.py"), 0o600);
    await symlink("/home/liskov/-odd name.txt", home("alan", "One/hw1/link.py"));
    const { names, result, archive } = await sent("liskov", "collect 'One/**/*.py' --section A");
    assert.equal(result.status, 0, result.stderr);
    assert.deepEqual(names.toSorted(), [
      "ada/One/hw1/a.py",
      "ada/One/hw1/b.py",
      "alan/One/hw1/a.py",
      "alan/One/hw1/link.py",
    ]);
    assert.match((await local("tar", ["-tvz"], archive)).toString(), /link\.py -> \/home\/liskov/);
    assert.match(result.stderr, /^classh: 4 files of 2 students$/m);
    const nothing = await sent("liskov", "collect 'One/**/*.py' --all");
    assert.match(nothing.result.stderr, /nothing of grace/);
  });

  it("are collected also of who has more of them than a program may have words", async () => {
    // The kernel takes about 2 MiB of words.
    await mkdir(home("alan", "Many"));
    await Promise.all(
      Array.from(
        { length: 9000 },
        async (_, at) => await writeFile(home("alan", `Many/${at}${"x".repeat(230)}.py`), ""),
      ),
    );
    const { names, result } = await sent("liskov", "collect 'Many/*.py' 'One/hw1/a.py' --section A");
    await rm(home("alan", "Many"), { recursive: true });
    assert.equal(result.status, 0, result.stderr);
    assert.equal(names.filter((name) => name.startsWith("alan/Many/")).length, 9000);
    assert.ok(names.includes("ada/One/hw1/a.py"));
  });

  it("tell what can't be read, and send the others", async () => {
    await mkdir(home("alan", "Closed"));
    await symlink("/nowhere", home("alan", "Closed/link"));
    await chmod(home("alan", "Closed"), 0);
    const { names, result } = await sent("liskov", "collect Closed One/hw1/a.py --section A");
    await chmod(home("alan", "Closed"), 0o700);
    await rm(home("alan", "Closed"), { recursive: true });
    assert.equal(result.status, 1);
    assert.match(result.stderr, /alan\/Closed.*: Permission denied\n[^]*everything else/);
    assert.ok(names.includes("ada/One/hw1/a.py"));
  });

  it("are noted also where an archive can't be unpacked to its end", async () => {
    await writeFile(join(here, "big.bin"), Buffer.alloc(2 << 20));
    await writeFile(join(here, "small.txt"), "small");
    const archive = await tar("-c", "small.txt", "big.bin");
    const { status } = await server.run("liskov", "distribute --section B --to Noted", archive);
    assert.equal(status, 1);
    assert.ok(existsSync(home("grace", "Noted/small.txt")));
    const [entry] = await server.server.services.audit.list({ action: "file.distribute", user: "grace", limit: 1 });
    assert.equal(entry?.result, "failed");
    await rm(home("grace", "Noted"), { recursive: true });
  });

  it("are collected by assistants from their own sections only", async () => {
    const { names, result } = await sent("tia", "collect welcome.py --all");
    assert.equal(result.status, 0, result.stderr);
    assert.deepEqual(names.toSorted(), ["ada/welcome.py", "alan/welcome.py"]);
    assert.equal((await server.run("tia", "collect welcome.py --section B")).status, 3);
  });

  it("are exported for one person, by an admin", async () => {
    const { names, result } = await sent("hopper", "user export-files ada");
    assert.equal(result.status, 0, result.stderr);
    assert.ok(names.includes("ada/One/hw1/b.py"));
    for (const [action, subject] of [
      ["file.export", "ada"],
      ["file.collect", undefined],
    ] as const)
      assert.ok((await server.server.services.audit.list({ action })).some((entry) => entry.subject === subject));
    assert.equal((await server.run("ada", "user export-files alan")).status, 3);
    assert.equal((await server.run("liskov", "user export-files ada")).status, 3);
  });

  it("are put into the course: a file, and an archive, in place of what was there", async () => {
    for (const text of ["first", "second"]) {
      const { status, stderr } = await server.run(
        "liskov",
        `course put '"Lecture Notes/week 1.md"'`.replaceAll("'", ""),
        text,
      );
      assert.equal(status, 0, stderr);
      assert.equal(await readFile(join(server.data, "files/Lecture Notes/week 1.md"), "utf8"), text);
    }
    const { status, stdout, stderr } = await server.run(
      "liskov",
      'course put "Lecture Notes/new folder"',
      await tar("-cz", "hw1"),
    );
    assert.equal(status, 0, stderr);
    assert.equal(stdout, "Put 2 files into /course/Lecture Notes/new folder.\n");
    assert.equal(await readFile(join(server.data, "files/Lecture Notes/new folder/hw1/a.py"), "utf8"), "print(1)\n");
    assert.equal((await server.run("ada", "course put Tests/x", "x")).status, 3);
  });
});
