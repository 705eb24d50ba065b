/** Files in and out with the tools that people have: each a real client, against the real server. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { accessSync, constants, existsSync, readFileSync } from "node:fs";
import { appendFile, mkdir, mkdtemp, readFile, readdir, rename, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually } from "../support/eventually.ts";
import { passwordOf, testServer, type TestServer } from "../support/server.ts";
import { finish, type SshResult } from "../support/ssh-clients.ts";

const options = [
  "StrictHostKeyChecking=no",
  "UserKnownHostsFile=/dev/null",
  "LogLevel=ERROR",
  "PubkeyAuthentication=no",
  "NumberOfPasswordPrompts=1",
].flatMap((option) => ["-o", option]);

/** Names that tools get wrong. */
const oddNames = ["über uns.txt", "it's.txt", "-dash", "star*.txt", "two  blanks", "new\nline"];

describe("files in and out", () => {
  let server: TestServer;
  let here: string;

  before(async () => {
    server = await testServer({
      "limits.fileMebibytes": 1,
      "limits.workspaceMebibytes": 4,
      "limits.transferIdleMinutes": 0.2,
      "limits.commandsPerMinute": 10_000,
    });
    await server.add("ada", "student", "A");
    await server.add("alan", "student", "B");
    await server.add("liskov", "professor");
    await server.add("tia", "ta", "A");
    await server.add("hopper", "admin");
    here = await mkdtemp(join(tmpdir(), "transfer-"));
    await writeFile(join(here, "up.txt"), "hello\n");
  });
  after(async () => {
    await rm(here, { recursive: true, force: true });
    await server[Symbol.asyncDispose]();
  });

  /** Starts a client with somebody's password where OpenSSH asks for it. */
  const start = async (user: string, file: string, args: readonly string[]) => {
    const { env } = await server.ssh(user);
    return spawn(file, args, { cwd: here, stdio: "pipe", env: { ...env, LANG: "C.UTF-8" } });
  };
  const client = async (user: string, file: string, args: readonly string[], input?: string): Promise<SshResult> =>
    await finish(await start(user, file, args), input);
  const sftp = async (user: string, ...lines: readonly string[]): Promise<SshResult> =>
    await client(
      user,
      "sftp",
      ["-F", "none", "-o", "BatchMode=no", "-b", "-", "-P", String(server.port), ...options, `${user}@127.0.0.1`],
      `${lines.join("\n")}\n`,
    );
  const scp = async (user: string, ...args: readonly string[]): Promise<SshResult> =>
    await client(user, "scp", ["-F", "none", "-P", String(server.port), ...options, ...args]);
  const sshLine = (): string => `ssh -F none -p ${server.port} ${options.join(" ")}`;
  const read = async (...path: readonly string[]): Promise<string> => await readFile(join(...path), "utf8");
  const home = (user: string, ...path: readonly string[]): string => join(server.home(user), ...path);
  const done = ({ status, stderr }: SshResult): void => assert.equal(status, 0, stderr);
  const trail = async (action: string) => await server.server.services.audit.list({ action });

  describe("by sftp", () => {
    it("lists, puts, gets, renames and removes", async () => {
      const { status, stdout, stderr } = await sftp(
        "ada",
        "pwd",
        "put up.txt",
        "ls -l",
        "rename up.txt down.txt",
        "get down.txt back.txt",
        "mkdir d",
        "rm down.txt",
        "rmdir d",
        "df",
      );
      assert.equal(status, 0, stderr);
      assert.match(stdout, /Remote working directory: \/home\/ada$/m);
      assert.match(stdout, /^-rw.* up\.txt$/m);
      assert.equal(await read(here, "back.txt"), "hello\n");
      assert.equal(existsSync(home("ada", "down.txt")), false);
    });

    it("puts in the audit trail who did what to which file, with sizes", async () => {
      await sftp("ada", "put up.txt told.txt", "get told.txt", "rename told.txt away.txt", "rm away.txt");
      await eventually(async () => (await trail("file.transfer")).length >= 2);
      const facts = (await trail("file")).map(({ action, actor, detail }) => ({ action, actor, ...detail }));
      for (const expected of [
        { action: "file.put", actor: "ada", path: "/home/ada/told.txt", bytes: 6 },
        { action: "file.get", actor: "ada", path: "/home/ada/told.txt", bytes: 6 },
        { action: "file.rename", actor: "ada", path: "/home/ada/told.txt", to: "/home/ada/away.txt" },
        { action: "file.remove", actor: "ada", path: "/home/ada/away.txt" },
      ])
        assert.ok(
          facts.some((fact) => JSON.stringify(fact) === JSON.stringify({ ...fact, ...expected })),
          JSON.stringify(expected),
        );
    });

    it("shows a student the course, and lets nobody but teachers change it", async () => {
      const refused = await sftp("ada", 'put up.txt "/course/Tests/x.txt"');
      assert.notEqual(refused.status, 0);
      assert.match(refused.stderr, /Failure|denied|Read-only/);
      done(await sftp("ada", 'ls "/course/Lecture Notes"'));
      done(await sftp("liskov", 'put up.txt "/course/Tests/x.txt"'));
      assert.equal(await read(server.data, "files/Tests/x.txt"), "hello\n");
    });

    it("shows nobody's home but one's own, by any path", async () => {
      await writeFile(home("alan", "secret.txt"), "secret");
      for (const path of [
        "/home/alan/secret.txt",
        "../alan/secret.txt",
        "/students/alan/secret.txt",
        `${server.home("alan")}/secret.txt`,
      ])
        assert.notEqual((await sftp("ada", `get "${path}" stolen.txt`)).status, 0, path);
      await symlink(home("alan", "secret.txt"), home("ada", "link"));
      await sftp("ada", "symlink /home/alan/secret.txt link2", "-get link stolen.txt", "-get link2 stolen.txt");
      assert.equal(existsSync(join(here, "stolen.txt")), false);
    });

    it("shows staff the students whom they teach, to assistants for reading", async () => {
      done(await sftp("liskov", "put up.txt /students/alan/from-liskov.txt"));
      assert.equal(await read(home("alan", "from-liskov.txt")), "hello\n");
      const { stdout } = await sftp("tia", "ls -1 /students", "get /students/ada/welcome.py");
      assert.match(stdout, /\/students\/ada$/m);
      assert.doesNotMatch(stdout, /alan|liskov/);
      assert.notEqual((await sftp("tia", "put up.txt /students/ada/no.txt")).status, 0);
      const entries = await trail("file.put");
      assert.ok(entries.some(({ actor, subject }) => actor === "liskov" && subject === "alan"));
    });

    it("follows no student's link for a teacher", async () => {
      await writeFile(home("liskov", "own.txt"), "as it was");
      await symlink("/home/liskov/own.txt", home("ada", "feedback.txt"));
      await symlink("/course/Tests", home("ada", "folder"));
      await sftp("liskov", "-put up.txt /students/ada/feedback.txt", "-put up.txt /students/ada/folder/published.txt");
      assert.equal(await read(home("liskov", "own.txt")), "as it was");
      assert.equal(existsSync(join(server.data, "files/Tests/published.txt")), false);
    });

    it("shows the staff's folder to professors for writing, to assistants for reading, to students not at all", async () => {
      done(await sftp("liskov", "mkdir /staff/Assignments/hw", "put up.txt /staff/Assignments/hw/secret.txt"));
      done(await sftp("tia", "get /staff/Assignments/hw/secret.txt staff.txt"));
      assert.equal(await read(here, "staff.txt"), "hello\n");
      assert.notEqual((await sftp("tia", "put up.txt /staff/Assignments/hw/up.txt")).status, 0);
      assert.doesNotMatch((await sftp("ada", "ls /")).stdout, /staff/);
      assert.notEqual((await sftp("ada", "get /staff/Assignments/hw/secret.txt stolen.txt")).status, 0);
      const put = await server.run("liskov", "course put /staff/Tests/note.txt", "for us\n");
      assert.equal(put.stdout, "Put /staff/Tests/note.txt.\n");
      assert.equal(await read(server.data, "files/Staff/Tests/note.txt"), "for us\n");
    });

    it("ends with a sentence when staff no longer teach whom it shows", async () => {
      const child = await start("tia", "sftp", ["-F", "none", "-P", String(server.port), ...options, "tia@127.0.0.1"]);
      const said = heard(child);
      child.stdin.write("ls /students\n");
      await eventually(() => /\/students\/ada/.test(said()));
      done(await server.run("hopper", "user set ada --section B"));
      await eventually(() => /^classh: your students have changed; connect again\.$/m.test(said()));
      child.stdin.end(); // it hears of the end only when it wants something
      await eventually(() => child.exitCode !== null);
      done(await server.run("hopper", "user set ada --section A"));
    });

    it("ends with a sentence when nothing moves, and its place is free again", async () => {
      const idle = await Promise.all(
        [1, 2].map(() =>
          start("alan", "sftp", ["-F", "none", "-P", String(server.port), ...options, "alan@127.0.0.1"]),
        ),
      );
      const said = idle.map(heard);
      for (const text of said) await eventually(() => /sftp>|Connected/.test(text()));
      const third = await sftp("alan", "ls");
      assert.notEqual(third.status, 0);
      assert.match(third.stderr, /^classh: you have 2 file transfers running already/m);
      for (const text of said)
        await eventually(() => /^classh: nothing was transferred for 0.2 minutes\.$/m.test(text()));
      await eventually(async () => (await sftp("alan", "ls")).status === 0);
      for (const child of idle) child.stdin.end();
    });

    it("says what the limits are when a file grows too large", async () => {
      await writeFile(join(here, "large.bin"), Buffer.alloc((1 << 20) + 1));
      const { status, stderr } = await sftp("ada", "put large.bin");
      assert.notEqual(status, 0);
      assert.match(
        stderr,
        /^classh: A file could not be written\. One may have up to 1 MiB, and all of yours 4 MiB\.$/m,
      );
      await rm(home("ada", "large.bin"), { force: true });
    });

    it("ends with a sentence over the quota, and there is room again after something was removed", async () => {
      for (let i = 0; i < 8; i++) await writeFile(join(here, `part${i}.bin`), Buffer.alloc(1 << 20));
      const { status, stderr } = await sftp("ada", "mkdir parts", "put part*.bin parts/");
      assert.notEqual(status, 0);
      assert.match(stderr, /your files would take up more than your 4 MiB|A file could not be written/);
      done(await sftp("ada", "rm parts/*", "rmdir parts", "put up.txt"));
    });

    it("leaves nothing running when its client is killed in the middle", async () => {
      const before = server.server.services.runner.jailCount;
      const child = await start("ada", "sftp", ["-F", "none", "-P", String(server.port), ...options, "ada@127.0.0.1"]);
      const said = heard(child);
      child.stdin.write("put part0.bin cut.bin\nls\n");
      await eventually(() => /cut\.bin/.test(said()));
      child.kill("SIGKILL");
      await eventually(() => server.server.services.runner.jailCount === before);
      await rm(home("ada", "cut.bin"), { force: true });
    });

    it("is an outside change for the editor that has the file open", async () => {
      await writeFile(home("ada", "open.py"), "one = 1\n");
      await using ada = await server.connect("ada");
      await ada.wait("ready");
      ada.press("Ctrl-O");
      await ada.wait(/open/i);
      ada.type("open.py\r");
      await ada.wait("one = 1");
      await writeFile(join(here, "open.py"), "two = 2\n");
      done(await sftp("ada", "put open.py"));
      await ada.wait("two = 2");
    });

    it("is for accounts that may log in, and says why otherwise", async () => {
      await server.server.services.accounts.add({ username: "newcomer", role: "student" });
      await server.server.services.accounts.setPassword("newcomer", passwordOf("newcomer"));
      done(await server.run("hopper", "user disable newcomer"));
      assert.notEqual((await sftp("newcomer", "ls")).status, 0);
    });
  });

  describe("by scp", () => {
    for (const protocol of [[], ["-O"]]) {
      it(`copies folders and files with odd names both ways ${protocol.join("")}`, async () => {
        await mkdir(join(here, "odd"), { recursive: true });
        // OpenSSH's client of the old protocol writes a line's end in a name as \\^J.
        const names = oddNames.filter((name) => protocol.length === 0 || !name.includes("\n"));
        for (const name of names) await writeFile(join(here, "odd", name), `this is ${name}`);
        await rm(home("ada", "odd"), { recursive: true, force: true });
        done(await scp("ada", ...protocol, "-r", "odd", "ada@127.0.0.1:"));
        assert.deepEqual((await readdir(home("ada", "odd"))).toSorted(), names.toSorted());
        done(await scp("ada", ...protocol, "-rp", "ada@127.0.0.1:odd", "back"));
        for (const name of names) assert.equal(await read(here, "back", name), `this is ${name}`);
        await rm(join(here, "odd"), { recursive: true });
        await rm(join(here, "back"), { recursive: true });
      });

      it(`takes patterns, quotes, and paths of the course ${protocol.join("")}`, async () => {
        for (const name of ["a1.py", "a2.py", "b.txt"]) await writeFile(home("ada", name), name);
        await mkdir(join(here, "got"), { recursive: true });
        done(await scp("ada", ...protocol, "ada@127.0.0.1:a?.py", "got"));
        assert.deepEqual((await readdir(join(here, "got"))).toSorted(), ["a1.py", "a2.py"]);
        const note = (await readdir(join(server.data, "files/Lecture Notes")))[0] ?? "";
        done(
          await scp(
            "ada",
            ...protocol,
            // The old protocol's paths are words of a shell.
            `ada@127.0.0.1:${protocol.length > 0 ? `/course/Lecture Notes/${note}`.replaceAll(" ", "\\ ") : `/course/Lecture Notes/${note}`}`,
            "got",
          ),
        );
        assert.ok((await stat(join(here, "got", note))).size > 0);
        await rm(join(here, "got"), { recursive: true });
      });
    }

    it("says what is wrong", async () => {
      for (const protocol of [[], ["-O"]]) {
        const { status, stderr } = await scp("ada", ...protocol, "ada@127.0.0.1:nothing.txt", ".");
        assert.notEqual(status, 0);
        assert.match(stderr, /nothing\.txt.*No such file/);
      }
    });
  });

  it("go by PuTTY's psftp and pscp", async () => {
    const putty = [
      "-batch",
      "-P",
      String(server.port),
      "-pw",
      passwordOf("ada"),
      "-hostkey",
      server.server.fingerprint,
    ];
    await writeFile(join(here, "lines.txt"), "put up.txt putty.txt\nls\nget putty.txt putty-back.txt\n");
    done(await client("ada", "psftp", [...putty, "-b", "lines.txt", "ada@127.0.0.1"]));
    assert.equal(await read(here, "putty-back.txt"), "hello\n");
    for (const protocol of ["-sftp", "-scp"]) {
      done(await client("ada", "pscp", [...putty, protocol, "up.txt", `ada@127.0.0.1:pscp${protocol}.txt`]));
      assert.equal(await read(home("ada", `pscp${protocol}.txt`)), "hello\n");
    }
  });

  it("go by paramiko", async () => {
    const program = `
import paramiko, sys
transport = paramiko.Transport(("127.0.0.1", ${server.port}))
transport.connect(username="ada", password=sys.argv[1])
sftp = paramiko.SFTPClient.from_transport(transport)
with sftp.open("pm.txt", "w") as file:
    file.write("from paramiko")
with sftp.open("pm.txt", "a") as file:
    file.write(", appended")
sftp.chmod("pm.txt", 0o600)
print(sftp.open("pm.txt").read().decode(), sftp.stat("pm.txt").st_size, sftp.normalize("."))
transport.close()
`;
    const { stdout, stderr } = await client("ada", "/usr/bin/python3", ["-c", program, passwordOf("ada")]);
    assert.equal(stdout, "from paramiko, appended 23 /home/ada\n", stderr);
    // Closed to others by its mode, and still the person's in the IDE.
    await using ada = await server.connect("ada");
    ada.press("Ctrl-O");
    await ada.wait(/open/i);
    ada.type("pm.txt\r");
    await ada.wait("from paramiko, appended");
  });

  // Without a device, as in containers, or as bin/test runs it for root, without a way to rights, nobody can mount anything.
  const underSshfs = mayMount() ? it : (_title: string, _test: () => Promise<void>) => undefined;
  underSshfs("go by sshfs, as a folder among one's own", async () => {
    const folder = join(here, "mounted");
    await mkdir(folder);
    const own = (await stat(folder)).dev;
    const words = ["-f", "-p", String(server.port), ...options, "ada@127.0.0.1:", folder];
    const mounting = await start("ada", "sshfs", words);
    const ended = finish(mounting);
    try {
      await eventually(async () => (await stat(folder)).dev !== own);
      await writeFile(join(folder, "mounted.py"), "print(1)\n");
      await appendFile(join(folder, "mounted.py"), "print(2)\n");
      assert.equal(await read(home("ada", "mounted.py")), "print(1)\nprint(2)\n");
      await rename(join(folder, "mounted.py"), join(folder, "renamed.py"));
      assert.ok((await readdir(folder)).includes("renamed.py"));
      await rm(join(folder, "renamed.py"));
      assert.equal(existsSync(home("ada", "renamed.py")), false);
      await assert.rejects(writeFile(join(folder, "large"), Buffer.alloc(2 << 20)));
    } finally {
      done(await client("ada", "fusermount3", ["-u", folder]));
      await ended;
    }
  });

  it("go by rsync, both ways, with what is no longer there removed", async () => {
    await mkdir(join(here, "work", "deep"), { recursive: true });
    for (const name of [...oddNames, "deep/x.py"]) await writeFile(join(here, "work", name), name);
    done(await client("ada", "rsync", ["-a", "-e", sshLine(), "work/", "ada@127.0.0.1:work/"]));
    assert.equal(await read(home("ada", "work", "deep/x.py")), "deep/x.py");
    await rm(join(here, "work", "-dash"));
    done(await client("ada", "rsync", ["-az", "--delete", "-e", sshLine(), "work/", "ada@127.0.0.1:work/"]));
    assert.equal(existsSync(home("ada", "work", "-dash")), false);
    done(await client("ada", "rsync", ["-ac", "--partial", "-e", sshLine(), "ada@127.0.0.1:work/", "rsynced/"]));
    assert.deepEqual((await readdir(join(here, "rsynced"))).toSorted(), (await readdir(join(here, "work"))).toSorted());
    done(await client("ada", "rsync", ["-e", sshLine(), "up.txt", "ada@127.0.0.1:plain.txt"]));
  });

  it("go by git: a clone, a push, and a hook that runs in the jail", async () => {
    const git = async (cwd: string, ...args: readonly string[]): Promise<void> => {
      const { env } = await server.ssh("ada");
      const identity = {
        GIT_AUTHOR_NAME: "A",
        GIT_AUTHOR_EMAIL: "a@example.edu",
        GIT_COMMITTER_NAME: "A",
        GIT_COMMITTER_EMAIL: "a@example.edu",
      };
      const child = spawn("git", args, {
        cwd,
        stdio: "pipe",
        env: { ...env, ...identity, GIT_SSH_COMMAND: sshLine(), HOME: here, GIT_CONFIG_NOSYSTEM: "1" },
      });
      done(await finish(child));
    };
    await git(here, "init", "-q", "--bare", "-b", "main", "bare.git");
    await writeFile(join(here, "bare.git/hooks/post-receive"), '#!/bin/sh\nls /home > "$HOME/hook.txt"\n', {
      mode: 0o755,
    });
    done(await scp("ada", "-rp", "bare.git", "ada@127.0.0.1:"));
    await git(here, "clone", "-q", "ssh://ada@127.0.0.1/home/ada/bare.git", "clone");
    await writeFile(join(here, "clone/a.py"), "print(1)\n");
    await git(join(here, "clone"), "add", "a.py");
    await git(join(here, "clone"), "commit", "-qm", "one");
    await git(join(here, "clone"), "push", "-q", "ssh://ada@127.0.0.1/~/bare.git", "HEAD:main");
    assert.equal(await read(home("ada", "hook.txt")), "ada\n");
    await git(here, "clone", "-q", "-b", "main", "ada@127.0.0.1:bare.git", "second");
    assert.equal(await read(here, "second/a.py"), "print(1)\n");
  });

  it("list ten thousand entries", async () => {
    await mkdir(home("alan", "many"));
    for (let i = 0; i < 10_000; i += 500)
      await Promise.all(Array.from({ length: 500 }, (_, j) => writeFile(home("alan", "many", `f${i + j}.txt`), "")));
    const { stdout } = await sftp("alan", "ls -1 many");
    assert.equal(stdout.match(/^many\/f\d+\.txt$/gm)?.length, 10_000);
    await rm(home("alan", "many"), { recursive: true });
  });

  it("are no way to run something else", async () => {
    for (const line of [
      "rsync --daemon",
      "rsync --server -vlogDtpre.iLsfx --log-file=x . y",
      "scp -S /bin/sh -t x",
      "git-upload-pack --help x",
      "git -c alias.x=!sh x",
    ]) {
      const { status, stderr } = await server.run("ada", line);
      assert.equal(status, 2, line);
      assert.match(stderr, /^classh: you can't use (rsync|scp|git) in this way here\n/);
    }
  });
});

/** What a child has said so far. */
function heard(child: { stdout: NodeJS.ReadableStream; stderr: NodeJS.ReadableStream }): () => string {
  let text = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (piece: Buffer) => (text += piece.toString()));
  return () => text;
}

/** Whether an ordinary user's program may mount a file system of its own: by fusermount3, which is set-uid root. */
function mayMount(): boolean {
  if (/^NoNewPrivs:\s*1$/m.test(readFileSync("/proc/self/status", "utf8"))) return false;
  try {
    accessSync("/dev/fuse", constants.R_OK | constants.W_OK);
    return true;
  } catch {
    return false; // no such device, or not for us
  }
}
