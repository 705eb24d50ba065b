import assert from "node:assert/strict";
import { mkdir, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { systemClock } from "../../src/base/clock.ts";
import type { DiskRoom } from "../../src/base/disk-room.ts";
import { UserError } from "../../src/base/errors.ts";
import { Emitter } from "../../src/base/events.ts";
import { silentLog } from "../../src/base/log.ts";
import { Scope } from "../../src/base/scope.ts";
import { LockManager } from "../../src/locks/lock-manager.ts";
import { RateLimiter } from "../../src/limits/rate.ts";
import type { Runner } from "../../src/runner/runner.ts";
import { jailSpecFor } from "../../src/session/jail-spec-for.ts";
import { Recovery } from "../../src/session/recovery.ts";
import { StudentSandboxes } from "../../src/session/student-sandboxes.ts";
import { SessionRegistry } from "../../src/session/session-registry.ts";
import type { HandOverRequest } from "../../src/session/edit-locks.ts";
import type { Notice, SessionOwner, Workbench } from "../../src/session/workbench.ts";
import { testDatabase, type TestDatabase } from "../support/database.ts";
import { eventually } from "../support/eventually.ts";
import { limits, makeFiles, refuses, type Files } from "../workspace/fixture.ts";

/** A machine without bubblewrap. */
const runnerWithoutJail = {
  openConsole() {
    throw new UserError("no-jail", "programs can't be run on this server", "Tell your teacher.");
  },
  spare: () => ({ [Symbol.asyncDispose]: () => Promise.resolve() }),
} as unknown as Runner;

const ada: SessionOwner = { username: "ada", role: "student", name: "Ada" };
const prof: SessionOwner = { username: "prof", role: "professor", name: "Prof" };

const courseChanges = new Emitter<readonly string[]>();

describe("workbench", () => {
  let scope: Scope;
  let files: Files;
  let sessions: SessionRegistry;
  let notices: Notice[];
  /** The disk's answer to whoever keeps unsaved text; undefined while it works. A double: no disk fails with EIO when asked to. */
  let diskError: "ENOSPC" | "EROFS" | "EIO" | undefined;
  const room = {
    withReserve: <T>(work: () => Promise<T>): Promise<T> =>
      diskError ? Promise.reject(Object.assign(new Error(diskError), { code: diskError })) : work(),
  } as DiskRoom;
  let database: TestDatabase;
  let locks: LockManager;

  before(async () => {
    database = await testDatabase();
    locks = await LockManager.start({
      database: database.database,
      url: database.url,
      name: "test",
      leaseSeconds: 10,
      machines: "several",
      clock: systemClock,
      log: silentLog,
    });
  });
  after(async () => {
    await locks.close();
    await database[Symbol.asyncDispose]();
  });

  beforeEach(async () => {
    scope = new Scope("workbench test");
    files = await makeFiles(scope);
    sessions = scope.own(
      new SessionRegistry({
        limit: 3,
        settings: { keepMinutes: 30, idleMinutes: 60, maxAway: 2, minMemoryMebibytes: 0 },
        clock: systemClock,
        log: silentLog,
      }),
    );
    notices = [];
    diskError = undefined;
  });
  afterEach(() => scope.close());

  function beginSession(person: SessionOwner = ada): Workbench {
    const workbench = sessions.open({
      person,
      workspace: files.workspaces.for(person),
      studentSandboxes: new StudentSandboxes(files.workspaces, limits),
      highestLimits: limits.course,
      jailSpec: jailSpecFor(files.workspaces, limits, person),
      locks,
      runner: runnerWithoutJail,
      runs: new RateLimiter({ perMinute: 10, burst: 10, clock: systemClock }),
      fileOperations: new RateLimiter({ perMinute: 600, clock: systemClock }),
      takeOverSeconds: 20,
      recovery: new Recovery({ directory: join(files.outside, "recovery"), room, clock: systemClock, log: silentLog }),
      courseChanges: courseChanges.on,
      courseName: "CS101",
      publicAddress: { host: "class.example.edu", port: 2222 },
      openFiles: 3,
      consoles: 4,
      clock: systemClock,
      log: silentLog,
    });
    workbench.notices.onNotice((notice) => void notices.push(notice));
    return workbench;
  }

  async function openSession(person: SessionOwner = ada): Promise<Workbench> {
    const workbench = beginSession(person);
    await workbench.begin();
    return workbench;
  }

  /** Resolves at the first change after which `condition` holds. */
  function until(workbench: Workbench, condition: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      if (condition()) return resolve();
      const listener = workbench.onChange(() => {
        if (!condition()) return;
        listener[Symbol.dispose]();
        resolve();
      });
    });
  }

  const onDisk = (name: string): Promise<string> => readFile(join(files.home, name), "utf8");

  it("begins with welcome.py open and the person's files shown", async () => {
    const workbench = await openSession();
    assert.equal(workbench.documents.active?.name, "welcome.py");
    assert.ok(workbench.tree.rows.some((row) => row.path === "/home/ada/welcome.py"));
    assert.ok(workbench.tree.rows.some((row) => row.path === "/course/Lecture Notes"));
  });

  it("saves what was typed", async () => {
    const workbench = await openSession();
    await workbench.files.createFile("/home/ada/new.py");
    workbench.documents.active?.editor.paste("print(1)\n");
    assert.deepEqual(
      workbench.documents.unsaved.map(({ name }) => name),
      ["new.py"],
    );
    if (workbench.documents.active) await workbench.documents.save(workbench.documents.active);
    assert.equal(await onDisk("new.py"), "print(1)\n");
    assert.deepEqual(workbench.documents.unsaved, []);
  });

  it("does not call text saved that was typed while the file was being written", async () => {
    const workbench = await openSession();
    await workbench.files.createFile("/home/ada/new.py");
    const document = workbench.documents.active;
    assert.ok(document);
    document.editor.paste("one");
    const saving = workbench.documents.save(document);
    document.editor.paste(" two");
    await saving;
    assert.equal(await onDisk("new.py"), "one");
    assert.equal(document.modified, true);
  });

  it("never overwrites a file that somebody else changed, unless told to", async () => {
    const workbench = await openSession();
    const document = await workbench.documents.open("/home/ada/welcome.py");
    document.editor.paste("# mine\n");
    await writeFile(join(files.home, "welcome.py"), "theirs\n");
    await refuses("changed-on-disk", workbench.documents.save(document));
    assert.equal(await onDisk("welcome.py"), "theirs\n");
    assert.match(document.editor.text(), /# mine/);
    await workbench.documents.save(document, { overwrite: true });
    assert.match(await onDisk("welcome.py"), /# mine/);
  });

  it("follows a change on disk in an unmodified document, and tells of it in a modified one", async () => {
    const workbench = await openSession();
    const document = await workbench.documents.open("/home/ada/welcome.py");
    await writeFile(join(files.home, "welcome.py"), "theirs\n");
    await until(workbench, () => document.editor.text() === "theirs\n");
    assert.equal(document.modified, false);
    document.editor.paste("# mine\n");
    await writeFile(join(files.home, "welcome.py"), "theirs again\n");
    await until(workbench, () => document.disk === "changed");
    assert.match(document.editor.text(), /# mine/);
  });

  it("shows files that a program makes, and what a professor changes in the course", async () => {
    const workbench = await openSession();
    const shown = (path: string): boolean => workbench.tree.rows.some((row) => row.path === path);
    await writeFile(join(files.home, "made.txt"), "by a program");
    await until(workbench, () => shown("/home/ada/made.txt"));
    await workbench.tree.expand("/course/Tests");
    await writeFile(join(files.directory, "Tests", "exam.py"), "");
    courseChanges.emit(["/course/Tests"]);
    await until(workbench, () => shown("/course/Tests/exam.py"));
  });

  it("keeps the text of a file that is deleted, and saves it again", async () => {
    const workbench = await openSession();
    const document = await workbench.documents.open("/home/ada/welcome.py");
    const text = document.editor.text();
    await rm(join(files.home, "welcome.py"));
    await until(workbench, () => document.disk === "removed");
    assert.equal(document.modified, true);
    await workbench.documents.save(document);
    assert.equal(await onDisk("welcome.py"), text);
  });

  it("keeps nobody from a file that a teacher has only opened, and asks for it at the teacher's first key", async () => {
    const profs = await openSession(prof);
    const theirs = await profs.documents.open("/students/ada/welcome.py");
    assert.deepEqual(await locks.list("edit:/home/ada/welcome.py"), []);
    theirs.editor.paste("# from prof\n");
    await profs.documents.save(theirs);
    assert.match(await onDisk("welcome.py"), /^# from prof/);
    const [lock] = await locks.list("edit:/home/ada/welcome.py");
    assert.match(lock?.owner ?? "", /"user":"prof"/);
    await profs.documents.close(theirs);
    await profs.documents.open("/students/ada/welcome.py");
    const adas = await openSession();
    const mine = await adas.documents.open("/home/ada/welcome.py");
    assert.equal(mine.editing.kind, "open");
    assert.match((await locks.list("edit:/home/ada/welcome.py"))[0]?.owner ?? "", /"user":"ada"/);
  });

  it("lets one place edit a file: the other is read-only, says who edits, and gets it when it is handed over", async () => {
    const adas = await openSession();
    const mine = await adas.documents.open("/home/ada/welcome.py");
    assert.equal(mine.editing.kind, "open");
    const profs = await openSession(prof);
    const theirs = await profs.documents.open("/students/ada/welcome.py");
    assert.deepEqual(theirs.editing.kind === "theirs" && [theirs.editing.user, theirs.editing.name], ["ada", "Ada"]);
    assert.equal(theirs.editor.type("x"), false);
    await refuses("in-use", profs.documents.save(theirs), /you can't save ada\/welcome\.py: Ada is editing it/);

    const asked = new Promise<HandOverRequest>((resolve) => void adas.editLocks.onAsked(resolve));
    const taking = profs.editLocks.takeOver(theirs);
    const request = await asked;
    assert.equal(request.from.name, "Prof");
    mine.editor.paste("# from ada\n");
    await adas.documents.save(mine);
    await request.handOver();
    await taking;
    assert.equal(request.withdrawn.aborted, true);
    assert.equal(mine.editing.kind, "theirs");
    assert.equal(theirs.editing.kind, "open");
    await until(profs, () => theirs.editor.text().startsWith("# from ada\n"));
    theirs.editor.paste("# from prof\n");
    await profs.documents.save(theirs);
    await until(adas, () => mine.editor.text().startsWith("# from prof"));
    await until(adas, () => notices.some(({ text }) => text === "Prof saved welcome.py."));
  });

  it("asks once for a file, however often a person does, and never oneself", async () => {
    const adas = await openSession();
    const mine = await adas.documents.open("/home/ada/welcome.py");
    const profs = await openSession(prof);
    const theirs = await profs.documents.open("/students/ada/welcome.py");
    let asked = 0;
    profs.editLocks.onAsked(() => (asked += 1));
    const request = new Promise<HandOverRequest>((resolve) => void adas.editLocks.onAsked(resolve));
    const taking = [profs.editLocks.takeOver(theirs), profs.editLocks.takeOver(theirs)];
    await (await request).handOver();
    await Promise.all(taking);
    assert.equal(mine.editing.kind, "theirs");
    assert.equal(theirs.editing.kind, "open");
    const [lock] = await locks.list("edit:/home/ada/welcome.py");
    assert.equal(lock?.waiters.length, 0);
    assert.equal(asked, 0);
  });

  it("hands a file over at once while its person is away, and keeps the text", async () => {
    const adas = await openSession();
    const [document] = adas.documents.list;
    assert.ok(document);
    document.editor.paste("# unsaved\n");
    adas.attendance.attach("here")[Symbol.dispose]();
    const profs = await openSession(prof);
    const theirs = await profs.documents.open("/students/ada/welcome.py");
    assert.equal(theirs.editing.kind, "theirs");
    await profs.editLocks.takeOver(theirs);
    assert.equal(theirs.editing.kind, "open");
    assert.deepEqual([document.editing.kind, document.modified], ["theirs", true]);
  });

  it("gives a file free when its document closes or its session ends", async () => {
    const adas = await openSession();
    await adas.documents.close(await adas.documents.open("/home/ada/welcome.py"));
    const profs = await openSession(prof);
    assert.equal((await profs.documents.open("/students/ada/welcome.py")).editing.kind, "open");
    await sessions.end(profs, "");
    assert.equal((await adas.documents.open("/home/ada/welcome.py")).editing.kind, "open");
  });

  it("keeps the text of somebody whose lock was taken, and saves nothing under it", async () => {
    const workbench = await openSession();
    const document = await workbench.documents.open("/home/ada/welcome.py");
    document.editor.paste("# unsaved\n");
    const asked = new Promise((resolve) => void workbench.editLocks.onAsked(resolve));
    const taker = locks.acquire("edit:/home/ada/welcome.py", { owner: '{"user":"prof","name":"Prof","session":"x"}' });
    await asked;
    assert.equal(await locks.forceRelease("edit:/home/ada/welcome.py"), true);
    await using _taken = await taker;
    await until(workbench, () => document.editing.kind === "theirs");
    assert.match(document.editor.text(), /# unsaved/);
    await refuses("in-use", workbench.documents.save(document));
    assert.doesNotMatch(await onDisk("welcome.py"), /# unsaved/);
    await sessions.end(workbench, "");
    const next = await openSession();
    assert.match(next.documents.active?.editor.text() ?? "", /# unsaved/);
  });

  it("goes on editing when an admin releases a lock that nobody waits for, and says so", async () => {
    const workbench = await openSession();
    const document = await workbench.documents.open("/home/ada/welcome.py");
    document.editor.paste("# unsaved\n");
    assert.equal(await locks.forceRelease("edit:/home/ada/welcome.py"), true);
    await eventually(() =>
      notices.some(
        ({ text }) => text === "An admin released welcome.py. Nobody else asked for it, so you can keep editing.",
      ),
    );
    assert.equal(document.editing.kind, "open");
    assert.ok(!notices.some(({ text }) => text.includes("Somebody else edits")));
    await workbench.documents.save(document);
    assert.match(await onDisk("welcome.py"), /# unsaved/);
  });

  for (const [code, reason] of [
    ["ENOSPC", "is full"],
    ["EROFS", "is read-only at the moment"],
    ["EIO", "has an error"],
  ] as const) {
    it(`goes on with typing when unsaved text can't be kept (${code}), says so once, and that it is kept again`, async () => {
      const workbench = await openSession();
      const document = workbench.documents.active;
      assert.ok(document);
      const told = (): string[] => notices.map(({ text }) => text).filter((text) => text.includes("kept safe"));
      diskError = code;
      for (const letter of "abc") {
        document.editor.paste(letter);
        await workbench.unsavedText.keep();
      }
      assert.match(document.editor.text(), /abc/);
      assert.deepEqual(told(), [
        `Your unsaved changes can't be kept safe: the server's disk ${reason}. Keep working, try Ctrl-S, and tell your teacher.`,
      ]);
      diskError = undefined;
      await workbench.unsavedText.keep();
      assert.equal(told().at(-1), "Your unsaved changes in welcome.py are being kept safe again.");
      await sessions.end(workbench, "the test is over");
      assert.match((await openSession()).documents.active?.editor.text() ?? "", /abc/);
    });
  }

  it("brings unsaved text back in the next session, and in one whose file has changed says so", async () => {
    const first = await openSession();
    const document = await first.documents.open("/home/ada/welcome.py");
    document.editor.paste("# unsaved\n");
    await sessions.end(first, "");

    const second = await openSession();
    assert.match(second.documents.active?.editor.text() ?? "", /# unsaved/);
    assert.equal(second.documents.active?.modified, true);
    assert.equal(second.documents.active?.disk, "same");
    assert.ok(notices.some(({ text }) => /Your unsaved changes are back: welcome\.py/.test(text)));
    await sessions.end(second, "");

    await writeFile(join(files.home, "welcome.py"), "theirs\n");
    const third = await openSession();
    assert.match(third.documents.active?.editor.text() ?? "", /# unsaved/);
    assert.equal(third.documents.active?.disk, "changed");
    if (third.documents.active) await refuses("changed-on-disk", third.documents.save(third.documents.active));
    await sessions.end(third, "");

    await rm(join(files.home, "welcome.py"));
    const fourth = await openSession();
    assert.match(fourth.documents.active?.editor.text() ?? "", /# unsaved/);
    assert.equal(fourth.documents.active?.disk, "removed");
  });

  it("shows the newest of two unsaved texts of one file, and the older one beside it", async () => {
    const recovery = new Recovery({
      directory: join(files.outside, "recovery"),
      room,
      clock: systemClock,
      log: silentLog,
    });
    for (const [session, text, at] of [
      ["gone1", "older\n", "2026-01-01T00:00:00.000Z"],
      ["gone2", "newer\n", "2026-01-02T00:00:00.000Z"],
    ] as const) {
      await using kept = recovery.forSession("ada", session);
      await kept.keep({ path: "/home/ada/welcome.py", text, stamp: undefined, at });
    }
    const workbench = await openSession();
    assert.deepEqual(
      workbench.documents.list.map(({ name, editor }) => [name, editor.text()]),
      [
        ["welcome.py", "newer\n"],
        ["welcome-2.py", "older\n"],
      ],
    );
    assert.equal(workbench.documents.active?.name, "welcome.py");
  });

  it("keeps what was just coming back when a session ends while it begins", async () => {
    const first = await openSession();
    first.documents.active?.editor.paste("# unsaved\n");
    await sessions.end(first, "");
    const second = beginSession();
    const begun = second.begin();
    await sessions.end(second, "");
    await begun;
    assert.deepEqual(
      notices.filter(({ kind }) => kind === "error"),
      [],
    );
    const third = await openSession();
    assert.match(third.documents.active?.editor.text() ?? "", /# unsaved/);
  });

  it("does not bring back what was saved or given up", async () => {
    const first = await openSession();
    const document = await first.documents.open("/home/ada/welcome.py");
    document.editor.paste("# saved\n");
    await first.unsavedText.keep();
    await first.documents.save(document);
    document.editor.paste("# given up\n");
    await first.unsavedText.keep();
    await first.documents.discardUnsaved();
    await sessions.end(first, "");
    const second = await openSession();
    assert.deepEqual(second.documents.unsaved, []);
    assert.doesNotMatch(second.documents.active?.editor.text() ?? "", /given up/);
  });

  it("does not bring back what was undone, or given up for the file's text", async () => {
    const first = await openSession();
    const document = await first.documents.open("/home/ada/welcome.py");
    document.editor.paste("# undone\n");
    await first.unsavedText.keep();
    document.editor.run("undo");
    assert.equal(document.modified, false);
    await sessions.end(first, "");
    const second = await openSession();
    assert.deepEqual(second.documents.unsaved, []);
    second.documents.active?.editor.paste("# given up\n");
    await second.unsavedText.keep();
    if (second.documents.active) await second.documents.reload(second.documents.active);
    await sessions.end(second, "");
    assert.deepEqual((await openSession()).documents.unsaved, []);
    assert.deepEqual(await readdir(join(files.outside, "recovery", "ada")), []);
  });

  it("opens a file once, however often and fast it is asked for, and not too many", async () => {
    const workbench = await openSession();
    await Promise.all([1, 2, 3].map(() => workbench.documents.open("/home/ada/welcome.py")));
    assert.equal(workbench.documents.list.length, 1);
    for (const name of ["b.py", "c.py"]) await workbench.files.createFile(`/home/ada/${name}`);
    await refuses("too-many-entries", workbench.files.createFile("/home/ada/d.py"), /Close one/);
  });

  it("says clearly what it can't open, and goes on", async () => {
    const workbench = await openSession();
    await writeFile(join(files.home, "latin.py"), Buffer.from([0x64, 0xe4, 0x0a]));
    await writeFile(join(files.home, "binary.py"), Buffer.from([0, 1, 2]));
    await writeFile(join(files.home, "big.py"), Buffer.alloc(1 << 21, 97));
    await symlink("/etc/passwd", join(files.home, "link.py"));
    await mkdir(join(files.home, "folder"));
    await refuses("not-text", workbench.documents.open("/home/ada/latin.py"), /UTF-8/);
    await refuses("not-text", workbench.documents.open("/home/ada/binary.py"));
    await refuses("too-large", workbench.documents.open("/home/ada/big.py"));
    await refuses("file-not-found", workbench.documents.open("/home/ada/missing.py"));
    await assert.rejects(workbench.documents.open("/home/ada/link.py"), UserError);
    await assert.rejects(workbench.documents.open("/home/ada/folder"), UserError);
    assert.equal(workbench.documents.list.length, 1);
  });

  it("opens course files read-only and copies them home under a free name", async () => {
    const workbench = await openSession();
    await writeFile(join(files.directory, "Assignments", "welcome.py"), "# course\n");
    const document = await workbench.documents.open("/course/Assignments/welcome.py");
    assert.equal(document.readOnly, true);
    assert.equal(document.editor.type("x"), false);
    await refuses("read-only", workbench.documents.save(document));
    assert.equal(await workbench.files.copyHome(document), "/home/ada/welcome-2.py");
    assert.equal(await onDisk("welcome-2.py"), "# course\n");
    assert.equal(workbench.documents.active?.readOnly, false);
  });

  it("lets open documents follow a renamed folder", async () => {
    const workbench = await openSession();
    await workbench.files.createDirectory("/home/ada/old");
    await workbench.files.createFile("/home/ada/old/a.py");
    workbench.documents.active?.editor.paste("x = 1\n");
    await workbench.files.rename("/home/ada/old", "/home/ada/new");
    assert.equal(workbench.documents.active?.path, "/home/ada/new/a.py");
    if (workbench.documents.active) await workbench.documents.save(workbench.documents.active);
    assert.equal(await onDisk("new/a.py"), "x = 1\n");
  });

  it("says why nothing runs where there is no jail", async () => {
    const workbench = await openSession();
    await refuses("no-jail", workbench.runs.run(workbench.documents.active), /Tell your teacher/);
    assert.equal(workbench.console.activity, "off");
  });

  it("admits no more sessions than it may, and none while draining", async () => {
    const open = [await openSession(), await openSession(), await openSession()];
    await assert.rejects(
      openSession(),
      (error: unknown) => error instanceof UserError && error.code === "too-many-sessions",
    );
    if (open[0]) await sessions.end(open[0], "");
    sessions.drain();
    assert.ok(notices.some(({ text }) => /Your work is kept/.test(text)));
    await assert.rejects(openSession(), (error: unknown) => error instanceof UserError && error.code === "draining");
  });
});
