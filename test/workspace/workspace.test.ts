import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmod, link, mkdir, readdir, readFile, stat, symlink, truncate, utimes, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { once } from "node:events";
import { join } from "node:path";
import { refuses, withFiles } from "./fixture.ts";

const names = async (listing: Promise<{ entries: readonly { name: string }[] }>): Promise<string[]> =>
  (await listing).entries.map((entry) => entry.name);

describe("workspace", () => {
  it(
    "welcomes a new account with a program, and a new course with something to read",
    withFiles(async ({ ada, workspaces, home }) => {
      const { text, writable } = await ada.readText("welcome.py");
      assert.match(text, /^# Welcome, ada! Press F5/);
      assert.match(text, /input\(/);
      assert.equal(writable, true);
      execFileSync("/usr/bin/python3", [
        "-I",
        "-c",
        `compile(open(${JSON.stringify(join(home, "welcome.py"))}).read(), "welcome.py", "exec")`,
      ]);
      assert.deepEqual(await names(ada.list("/")), ["home", "course"]);
      assert.deepEqual(await names(ada.list("/course")), ["Lecture Notes", "Assignments", "Tests"]);
      assert.deepEqual(await names(ada.list("/course/Lecture Notes")), ["01 Welcome.md"]);
      await ada.remove("welcome.py");
      await workspaces.prepare();
      await workspaces.ensureHome("ada");
      assert.deepEqual(await names(ada.list("~")), [], "what was deleted does not come back");
    }),
  );

  it(
    "welcomes later whose home could not get its first program, for want of room, and has not been used since",
    withFiles(async ({ ada, workspaces, home }) => {
      await ada.remove("welcome.py");
      await utimes(home, 0, 0);
      await workspaces.ensureHome("ada");
      assert.deepEqual(await names(ada.list("~")), ["welcome.py"]);
      await ada.remove("welcome.py");
      await utimes(home, 0, 0);
      await ada.createFile("mine.py");
      await ada.remove("mine.py");
      await workspaces.ensureHome("ada");
      assert.deepEqual(await names(ada.list("~")), []);
    }),
  );

  it(
    "lists folders first, in natural order, with what may be changed",
    withFiles(async ({ ada, home }) => {
      await ada.createDirectory("zoo");
      await ada.createFile("task10.py");
      await ada.writeText("task9.py", "x = 1\n");
      await symlink("/etc/passwd", join(home, "passwd"));
      await writeFile(join(home, "mine.txt"), "", { mode: 0o444 });
      const { entries, truncated } = await ada.list("/home/ada");
      assert.equal(truncated, false);
      assert.deepEqual(
        entries.map(({ name, kind, size, writable }) => [name, kind, kind === "file" ? size : "", writable]),
        [
          ["zoo", "directory", "", true],
          ["mine.txt", "file", 0, false],
          ["passwd", "link", "", true],
          ["task9.py", "file", 6, true],
          ["task10.py", "file", 0, true],
          ["welcome.py", "file", entries.at(-1)?.size, true],
        ],
      );
      assert.deepEqual(entries[3], await ada.stat("task9.py"));
    }),
  );

  it(
    "saves and reads back, and keeps line ends, permissions and a byte order mark",
    withFiles(async ({ ada, home }) => {
      await writeFile(join(home, "a.py"), "\ufeffx = 1\r\ny = 2\r\n", { mode: 0o755 });
      const file = await ada.readText("a.py");
      assert.equal(file.text, "x = 1\ny = 2\n");
      const stamp = await ada.writeText("a.py", file.text + "z = 3\n", {
        expected: file.stamp,
        lineEnding: file.lineEnding,
        byteOrderMark: file.byteOrderMark,
      });
      assert.equal(await readFile(join(home, "a.py"), "utf8"), "\ufeffx = 1\r\ny = 2\r\nz = 3\r\n");
      assert.equal((await stat(join(home, "a.py"))).mode & 0o777, 0o755);
      assert.equal((await ada.stat("a.py")).stamp, stamp);
      assert.notEqual(stamp, file.stamp);
    }),
  );

  it(
    "never overwrites a file that changed meanwhile, unless told to",
    withFiles(async ({ ada, home }) => {
      const path = join(home, "a.py");
      const first = await ada.writeText("a.py", "mine\n");
      await writeFile(path, "yours\n");
      await refuses(
        "changed-on-disk",
        ada.writeText("a.py", "mine again\n", { expected: first }),
        /Nothing was overwritten/,
      );
      await refuses("exists", ada.writeText("a.py", "new\n"));
      await refuses("exists", ada.createFile("a.py"));
      assert.equal(await readFile(path, "utf8"), "yours\n");
      await ada.writeText("a.py", "mine after all\n", { expected: first, overwrite: true });
      assert.equal(await readFile(path, "utf8"), "mine after all\n");
      const last = await ada.readText("a.py");
      await ada.remove("a.py");
      await refuses("changed-on-disk", ada.writeText("a.py", "x", { expected: last.stamp }), /deleted/);
      await ada.writeText("a.py", "back", { expected: last.stamp, overwrite: true });
      assert.equal(await readFile(path, "utf8"), "back");
    }),
  );

  it(
    "lets one of two windows that save at once win, and tells the other",
    withFiles(async ({ ada, workspaces }) => {
      const other = workspaces.for(ada.person);
      const expected = await ada.writeText("a.py", "0");
      const results = await Promise.allSettled([
        ada.writeText("a.py", "1", { expected }),
        other.writeText("a.py", "2", { expected }),
      ]);
      assert.deepEqual(
        results.map(({ status }) => status),
        ["fulfilled", "rejected"],
      );
      assert.equal((await ada.readText("a.py")).text, "1");
    }),
  );

  it(
    "leaves other names of a file alone when saving it",
    withFiles(async ({ ada, home }) => {
      const { stamp } = { stamp: await ada.writeText("a.py", "old") };
      await link(join(home, "a.py"), join(home, "b.py"));
      await ada.writeText("a.py", "new", { expected: stamp });
      assert.equal((await ada.readText("b.py")).text, "old");
    }),
  );

  it(
    "makes folders and files only where there is nothing yet",
    withFiles(async ({ ada }) => {
      await ada.createDirectory("data");
      await ada.createFile("data/a.py");
      await refuses("exists", ada.createDirectory("data"));
      await refuses("exists", ada.createDirectory("data/a.py"));
      await refuses("not-a-file", ada.createFile("data"), /folder/);
      await refuses("file-not-found", ada.createFile("nowhere/a.py"), /no nowhere/);
      await refuses("not-a-directory", ada.createFile("data/a.py/b.py"), /not a folder: a.py/);
      await refuses("bad-path", ada.createFile("two\nlines.py"), /line break/);
      await refuses("bad-path", ada.createDirectory(".classh-x"));
    }),
  );

  it(
    "renames files and folders, and never replaces anything",
    withFiles(async ({ ada }) => {
      await ada.writeText("a.py", "a");
      await ada.writeText("b.py", "b");
      await ada.createDirectory("one");
      await ada.createDirectory("two");
      await ada.createFile("one/x.py");
      await refuses("exists", ada.rename("a.py", "b.py"));
      await refuses("exists", ada.rename("one", "two"));
      await refuses("exists", ada.rename("one", "a.py"));
      await refuses("exists", ada.rename("a.py", "two"));
      await refuses("file-not-found", ada.rename("missing.py", "c.py"), /no missing.py/);
      await refuses("file-not-found", ada.rename("a.py", "nowhere/c.py"), /no nowhere/);
      await refuses("bad-path", ada.rename("one", "one/inside"));
      await refuses("bad-path", ada.rename("a.py", "a\n.py"));
      await refuses("read-only", ada.rename("/home/ada", "/home/ada/x"));
      await ada.rename("a.py", "two/c.py");
      await ada.rename("one", "two/one");
      assert.equal((await ada.readText("two/c.py")).text, "a");
      assert.equal((await ada.readText("b.py")).text, "b");
      assert.deepEqual(await names(ada.list("two")), ["one", "c.py"]);
      assert.deepEqual(await names(ada.list("two/one")), ["x.py"]);
      assert.deepEqual(await names(ada.list("~")), ["two", "b.py", "welcome.py"]);
    }),
  );

  it(
    "deletes files, and folders only when told to",
    withFiles(async ({ ada, home }) => {
      await ada.createDirectory("data");
      await ada.createFile("data/a.py");
      await refuses("directory-not-empty", ada.remove("data"));
      await ada.remove("data/a.py");
      await ada.remove("data");
      await mkdir(join(home, "tree/deep/er"), { recursive: true });
      await writeFile(join(home, "tree/deep/er/x"), "");
      await chmod(join(home, "tree/deep"), 0);
      await ada.remove("tree", { recursive: true });
      await refuses("file-not-found", ada.remove("tree", { recursive: true }));
      await refuses("read-only", ada.remove("~", { recursive: true }));
      assert.deepEqual(await readdir(home), ["welcome.py"]);
    }),
  );

  it(
    "copies files and folders to free names, without links and pipes",
    withFiles(async ({ ada, prof, home }) => {
      await prof.createDirectory("/course/Assignments/02 Lists");
      await prof.writeText("/course/Assignments/02 Lists/start.py", "todo\n");
      await ada.copy("/course/Assignments/02 Lists", "lists");
      await ada.writeText("lists/start.py", "done\n", { overwrite: true });
      assert.equal((await ada.readText("/course/Assignments/02 Lists/start.py")).text, "todo\n");
      await symlink("/etc/passwd", join(home, "lists/passwd"));
      execFileSync("mkfifo", [join(home, "lists/pipe")]);
      await ada.copy("lists", "again");
      assert.deepEqual(await names(ada.list("again")), ["start.py"]);
      await refuses("exists", ada.copy("welcome.py", "again"));
      await refuses("bad-path", ada.copy("lists", "lists/inside"));
      await refuses("not-a-file", ada.copy("lists/passwd", "passwd.txt"), /link/);
      await refuses("read-only", ada.copy("welcome.py", "/course/Tests/w.py"));
    }),
  );

  it(
    "takes a copy that can't be finished away again",
    withFiles(
      async ({ ada, home }) => {
        await mkdir(join(home, "many/deep/er"), { recursive: true });
        for (const name of ["1", "2", "3"]) await writeFile(join(home, "many", name), "");
        await refuses("too-many-entries", ada.copy("many", "more"), /the limit is 3/);
        await truncate(join(home, "many/1"), (1 << 20) + 1);
        await refuses("too-large", ada.copy("many/1", "big"));
        assert.deepEqual(await names(ada.list("~")), ["many", "welcome.py"]);
      },
      { limits: { folderEntries: 3 } },
    ),
  );

  it(
    "keeps students from writing to the course, and says how to get a copy",
    withFiles(async ({ ada, prof }) => {
      const file = await ada.readText("/course/Lecture Notes/01 Welcome.md");
      assert.equal(file.writable, false);
      await refuses(
        "read-only",
        ada.writeText("/course/Lecture Notes/01 Welcome.md", "x", { overwrite: true }),
        /Copy it to your own files/,
      );
      await refuses("read-only", ada.createFile("/course/Tests/x.py"));
      await refuses("read-only", ada.remove("/course/Lecture Notes/01 Welcome.md"));
      await refuses("read-only", ada.rename("/course/Lecture Notes/01 Welcome.md", "mine.md"));
      await refuses("read-only", ada.rename("welcome.py", "/course/Tests/welcome.py"));
      await prof.writeText("/course/Lecture Notes/01 Welcome.md", "new\n", { expected: file.stamp });
      assert.equal((await ada.readText("/course/Lecture Notes/01 Welcome.md")).text, "new\n");
    }),
  );

  it(
    "gives professors each student's home",
    withFiles(async ({ ada, prof }) => {
      assert.deepEqual(await names(prof.list("/students")), ["ada"]);
      await prof.writeText("/students/ada/feedback.txt", "Good!\n");
      assert.equal((await ada.readText("feedback.txt")).text, "Good!\n");
      await refuses("read-only", prof.remove("/students/ada", { recursive: true }));
      await refuses("not-permitted", ada.readText("/students/prof/welcome.py"));
      await refuses("not-permitted", prof.readText("/home/ada/welcome.py"), /\/students\/ada/);
    }),
  );

  it(
    "says what is wrong with what can't be opened",
    withFiles(async ({ ada, home }) => {
      execFileSync("mkfifo", [join(home, "pipe")]);
      const server = createServer().listen(join(home, "socket"));
      await once(server, "listening");
      await writeFile(join(home, "big.txt"), "");
      await truncate(join(home, "big.txt"), (1 << 20) + 1);
      await writeFile(join(home, "secret.py"), "", { mode: 0 });
      await writeFile(join(home, "photo.png"), Buffer.of(0x89, 0, 1));
      await symlink("welcome.py", join(home, "link.py"));
      try {
        await refuses("not-a-file", ada.readText("pipe"), /pipe/);
        await refuses("not-a-file", ada.readText("socket"), /socket/);
        await refuses("not-a-file", ada.readText("~"), /folder/);
        await refuses("not-a-file", ada.readText("/course"), /folder/);
        await refuses("not-a-file", ada.readText("link.py"), /is a link, and classh does not follow links/);
        await refuses("not-a-file", ada.writeText("link.py", "x", { overwrite: true }), /link/);
        await refuses("not-a-file", ada.writeText("pipe", "x", { overwrite: true }), /pipe/);
        await refuses("too-large", ada.readText("big.txt"), /the limit is 1 MiB/);
        await refuses("too-large", ada.writeText("new.txt", "x".repeat((1 << 20) + 1)), /the limit is 1 MiB/);
        await refuses("not-text", ada.readText("photo.png"), /binary/);
        await refuses("unreadable", ada.readText("secret.py"), /permission/);
        await refuses("file-not-found", ada.readText("missing.py"), /no missing.py/);
        await refuses("not-a-directory", ada.list("welcome.py"), /not a folder/);
        await refuses("read-only", ada.writeText("secret.py", "x", { overwrite: true }), /write-protected/);
      } finally {
        server.close();
      }
    }),
  );

  it(
    "removes temporary files of a crash at the next login, but not those of a save under way",
    withFiles(async ({ ada, home, workspaces }) => {
      await ada.createDirectory("data");
      const old = new Date(Date.now() - 3_600_000);
      for (const [name, date] of [
        ["data/.classh-0011.tmp", old],
        [".classh-2233.tmp", old],
        [".classh-4455.tmp", new Date()],
      ] as const) {
        await writeFile(join(home, name), "half");
        await utimes(join(home, name), date, date);
      }
      await workspaces.ensureHome("ada");
      assert.deepEqual((await readdir(home, { recursive: true })).toSorted(), [
        ".classh-4455.tmp",
        "data",
        "welcome.py",
      ]);
      assert.deepEqual(await names(ada.list("~")), ["data", "welcome.py"]);
    }),
  );

  it(
    "gives a home back to a person whose program took all rights to it away",
    withFiles(async ({ ada, home, workspaces }) => {
      await chmod(home, 0);
      await workspaces.ensureHome("ada");
      assert.deepEqual(await names(ada.list("~")), ["welcome.py"]);
    }),
  );

  it(
    "gives jails the same paths, only teachers the course to write, and nobody the students' files",
    withFiles(async ({ workspaces, directory }) => {
      const mounts = (role: "student" | "ta" | "professor") =>
        workspaces
          .hostMounts({ username: "ada", role })
          .map(
            ({ source, target, writable }) => `${source.slice(directory.length)} ${target} ${writable ? "rw" : "ro"}`,
          );
      assert.deepEqual(mounts("student"), [
        "/Local/ada /home/ada rw",
        "/Lecture Notes /course/Lecture Notes ro",
        "/Assignments /course/Assignments ro",
        "/Tests /course/Tests ro",
      ]);
      assert.deepEqual(mounts("professor").slice(1), [
        "/Lecture Notes /course/Lecture Notes rw",
        "/Assignments /course/Assignments rw",
        "/Tests /course/Tests rw",
        "/Staff/Assignments /staff/Assignments rw",
        "/Staff/Tests /staff/Tests rw",
      ]);
      assert.deepEqual(mounts("ta").slice(4), [
        "/Staff/Assignments /staff/Assignments ro",
        "/Staff/Tests /staff/Tests ro",
      ]);
      await refuses("bad-name", workspaces.ensureHome("../etc"));
      assert.throws(() => workspaces.homeDirectory("../etc"));
    }),
  );
});
