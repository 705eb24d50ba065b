import assert from "node:assert/strict";
import { appendFile, mkdtemp, readdir, readFile, readlink, rename, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { silentLog } from "../../src/base/log.ts";
import { Recovery, type SessionRecovery } from "../../src/session/recovery.ts";
import { keepRecoveryShort } from "../../src/session/recovery-retention.ts";
import { eventually } from "../support/eventually.ts";
import { FakeClock } from "../support/fake-clock.ts";

describe("recovery of unsaved text", () => {
  let directory: string;
  let clock: FakeClock;
  let recovery: Recovery;
  let sessions: SessionRecovery[];
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "recovery-"));
    clock = new FakeClock();
    recovery = new Recovery({ directory, clock, log: silentLog });
    sessions = [];
  });
  afterEach(async () => {
    for (const each of sessions) await each[Symbol.asyncDispose]();
    await rm(directory, { recursive: true });
  });

  function session(name: string, of = recovery): SessionRecovery {
    const kept = of.forSession("ada", name);
    sessions.push(kept);
    return kept;
  }

  /** The only file there is. */
  async function onlyFile(): Promise<string> {
    const names = await readdir(join(directory, "ada"));
    assert.equal(names.length, 1, names.join(" "));
    return join(directory, "ada", names[0] ?? "");
  }

  /** Descriptors of this process that lead to files of texts. */
  async function openFiles(): Promise<number> {
    const links = (await readdir("/proc/self/fd")).map((descriptor) => readlink(`/proc/self/fd/${descriptor}`).catch(() => ""));
    return (await Promise.all(links)).filter((target) => target.startsWith(directory)).length;
  }

  const entry = (text: string, at = "2026-01-01T00:00:00.000Z") => ({ path: "/home/ada/a.py", text, stamp: "1", at });
  const nobody = (): boolean => false;
  const left = async (): Promise<number> => (await readdir(join(directory, "ada"))).length;

  it("gives a dead session's newest text to the next session, once", async () => {
    const dead = session("s1");
    await Promise.all([dead.keep(entry("old")), dead.keep(entry("new"))]);
    const claim = await recovery.claim("ada", nobody, "s2");
    assert.deepEqual(claim.entries, [entry("new")]);
    await claim.release();
    assert.equal(await left(), 0);
    assert.deepEqual((await recovery.claim("ada", nobody, "s3")).entries, []);
  });

  it("gives the newest text that is whole, whatever a kill or a power cut left behind it", async () => {
    for (const rest of ['{"path":"/home/ada/a.py","te', "\0\0\0", "\n\n", '{"path":1}\n']) {
      const dead = session("s1");
      await dead.keep(entry("old"));
      await dead.keep(entry("new"));
      await appendFile(await onlyFile(), rest);
      const claim = await recovery.claim("ada", nobody, "s2");
      assert.deepEqual(claim.entries, [entry("new")]);
      await claim.release();
    }
  });

  it("takes over what an earlier version left: the newer one of two files", async () => {
    await session("s1").forget("/home/ada/none.py");
    await session("s1").keep(entry("x"));
    await rm(await onlyFile());
    await writeFile(join(directory, "ada", "s1-0-safe.json"), JSON.stringify(entry("safe")));
    await writeFile(join(directory, "ada", "s1-0-recent.json"), JSON.stringify(entry("recent", "2026-01-01T00:00:01.000Z")));
    const claim = await recovery.claim("ada", nobody, "s2");
    assert.deepEqual(claim.entries.map(({ text }) => text), ["recent"]);
    await claim.release();
    assert.equal(await left(), 0);
  });

  it("begins a new file after five seconds, so that none grows for ever, and somebody who took the old one over loses nothing", async () => {
    const mine = session("s1");
    for (const text of ["1", "2", "3"]) await mine.keep(entry(text));
    assert.equal((await readFile(await onlyFile(), "utf8")).trimEnd().split("\n").length, 3);
    const taken = join(directory, "taken");
    await rename(await onlyFile(), taken);
    clock.advance(5000);
    await mine.keep(entry("4"));
    assert.deepEqual(JSON.parse(await readFile(await onlyFile(), "utf8")), entry("4"));
    assert.match(await readFile(taken, "utf8"), /"3"[^\n]*\n$/);
    assert.equal(await openFiles(), 1);
  });

  it("keeps few files open, and none when the session has ended", async () => {
    const mine = session("s1");
    for (const text of ["1", "2"]) for (const name of ["a", "b", "c", "d"]) await mine.keep({ ...entry(text), path: `/home/ada/${name}.py` });
    assert.equal(await openFiles(), 2);
    await mine.forget("/home/ada/d.py");
    assert.equal(await openFiles(), 1);
    await mine[Symbol.asyncDispose]();
    assert.equal(await openFiles(), 0);
    await mine.keep(entry("late"));
    assert.equal(await openFiles(), 0);
    const claim = await recovery.claim("ada", nobody, "s2");
    assert.deepEqual(new Map(claim.entries.map(({ path, text }) => [path, text])), new Map([["/home/ada/a.py", "late"], ["/home/ada/b.py", "2"], ["/home/ada/c.py", "2"]]));
  });

  it("closes each file at once where other machines see only what was closed", async () => {
    const nfs = 0x6969;
    const mine = session("s1", new Recovery({ directory, clock, log: silentLog, fileSystemType: () => Promise.resolve(nfs) }));
    for (const text of ["1", "2"]) {
      await mine.keep(entry(text));
      assert.equal(await openFiles(), 0);
      assert.deepEqual(JSON.parse(await readFile(await onlyFile(), "utf8")), entry(text));
    }
  });

  it("leaves a live session's text alone", async () => {
    await session("s1").keep(entry("mine"));
    const claim = await recovery.claim("ada", (session) => session === "s1", "s2");
    assert.deepEqual(claim.entries, []);
    assert.equal(await left(), 1);
  });

  it("forgets a saved text", async () => {
    const mine = session("s1");
    await mine.keep(entry("x"));
    await mine.forget("/home/ada/a.py");
    assert.equal(await left(), 0);
  });

  it("gives each text to one of two sessions that start at the same moment", async () => {
    for (const name of ["a", "b", "c", "d"]) await session("s1").keep({ ...entry("x"), path: `/home/ada/${name}.py` });
    const claimers = ["s2", "s3", "s4"];
    const claims = await Promise.all(claimers.map((claimer) => recovery.claim("ada", (session) => claimers.includes(session), claimer)));
    const paths = claims.flatMap((claim) => claim.entries.map(({ path }) => path));
    assert.deepEqual(paths.toSorted(), ["/home/ada/a.py", "/home/ada/b.py", "/home/ada/c.py", "/home/ada/d.py"]);
  });

  it("keeps a claimed text when the claimer dies before it is safe elsewhere", async () => {
    await session("s1").keep(entry("x"));
    await recovery.claim("ada", nobody, "s2");
    assert.deepEqual((await recovery.claim("ada", nobody, "s3")).entries, [entry("x")]);
  });

  it("removes what a killed server left of a write, once nobody can be at it any more", async () => {
    await session("s1").keep(entry("x"));
    const [young, old] = ["s1-0.jsonl.00.tmp", "s1-0.jsonl.01.tmp"].map((name) => join(directory, "ada", name)) as [string, string];
    for (const file of [young, old]) await writeFile(file, "{");
    await utimes(old, Date.now() / 1000 - 90, Date.now() / 1000 - 90);
    await (await recovery.claim("ada", nobody, "s2")).release();
    assert.deepEqual(await readdir(join(directory, "ada")), [basename(young)]);
  });

  it("is tidied up daily: temporary files after a day, texts after half a year", async () => {
    const mine = session("s1");
    await mine.keep(entry("x"));
    await mine.keep({ ...entry("y"), path: "/home/ada/b.py" });
    await writeFile(join(directory, "ada", "s1-0000.jsonl.abcd.tmp"), "half");
    using sweeping = keepRecoveryShort({ directory, clock, log: silentLog });
    void sweeping;
    const names = await readdir(join(directory, "ada"));
    const age = async (name: string, days: number): Promise<void> => utimes(join(directory, "ada", name), 0, clock.now() / 1000 - days * 86_400);
    const [old = "", recent = ""] = names.filter((name) => name.endsWith(".jsonl"));
    await age(old, 181);
    await age(recent, 179);
    for (const name of names) if (name.endsWith(".tmp")) await age(name, 2);
    clock.advance(60_000);
    await eventually(async () => isDeepStrictEqual(await readdir(join(directory, "ada")), [recent]));
    await age(recent, 181);
    clock.advance(86_400_000);
    await eventually(async () => (await left()) === 0);
  });

  it("passes over a file that a crash left half written", async () => {
    await session("s1").keep(entry("x"));
    await writeFile(join(directory, "ada", "s1-0000.jsonl"), '{"path": "/ho');
    assert.deepEqual((await recovery.claim("ada", nobody, "s2")).entries, [entry("x")]);
  });
});
