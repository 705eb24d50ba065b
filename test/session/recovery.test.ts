import assert from "node:assert/strict";
import {
  appendFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  utimes,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { silentLog } from "../../src/base/log.ts";
import { Recovery, type SessionRecovery } from "../../src/session/recovery.ts";
import { keepRecoveryShort, sweepRecovery } from "../../src/session/recovery-retention.ts";
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
    const links = (await readdir("/proc/self/fd")).map((descriptor) =>
      readlink(`/proc/self/fd/${descriptor}`).catch(() => ""),
    );
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
    await writeFile(
      join(directory, "ada", "s1-0-recent.json"),
      JSON.stringify(entry("recent", "2026-01-01T00:00:01.000Z")),
    );
    const claim = await recovery.claim("ada", nobody, "s2");
    assert.deepEqual(
      claim.entries.map(({ text }) => text),
      ["recent"],
      "one session's older text is part of its newer one",
    );
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
    for (const text of ["1", "2"])
      for (const name of ["a", "b", "c", "d"]) await mine.keep({ ...entry(text), path: `/home/ada/${name}.py` });
    assert.equal(await openFiles(), 2);
    await mine.forget("/home/ada/d.py");
    assert.equal(await openFiles(), 1);
    await mine[Symbol.asyncDispose]();
    assert.equal(await openFiles(), 0);
    await mine.keep(entry("late"));
    assert.equal(await openFiles(), 0);
    const claim = await recovery.claim("ada", nobody, "s2");
    assert.deepEqual(
      new Map(claim.entries.map(({ path, text }) => [path, text])),
      new Map([
        ["/home/ada/a.py", "late"],
        ["/home/ada/b.py", "2"],
        ["/home/ada/c.py", "2"],
      ]),
    );
  });

  it("closes each file at once where other machines see only what was closed", async () => {
    const nfs = 0x6969;
    const mine = session(
      "s1",
      new Recovery({ directory, clock, log: silentLog, fileSystemType: () => Promise.resolve(nfs) }),
    );
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
    const claims = await Promise.all(
      claimers.map((claimer) => recovery.claim("ada", (session) => claimers.includes(session), claimer)),
    );
    const paths = claims.flatMap((claim) => claim.entries.map(({ path }) => path));
    assert.deepEqual(paths.toSorted(), ["/home/ada/a.py", "/home/ada/b.py", "/home/ada/c.py", "/home/ada/d.py"]);
  });

  it("keeps a claimed text when the claimer dies before it is safe elsewhere", async () => {
    await session("s1").keep(entry("x"));
    await recovery.claim("ada", nobody, "s2");
    assert.deepEqual((await recovery.claim("ada", nobody, "s3")).entries, [entry("x")]);
  });

  it("takes what a killed server left of a write, once nobody can be at it any more: the text if it is whole, and the trash keeps half a text", async () => {
    await session("s1").keep(entry("x"));
    const write = async (name: string, text: string, seconds: number): Promise<string> => {
      const file = join(directory, "ada", name);
      await writeFile(file, text);
      await utimes(file, Date.now() / 1000 - seconds, Date.now() / 1000 - seconds);
      return file;
    };
    const young = await write("s1-0.jsonl.00.tmp", "{", 0);
    await write("s1-0.jsonl.01.tmp", '{"path":"/home/ada/b.py","text":"ha', 90);
    await write("s1-0.jsonl.02.tmp", `${JSON.stringify(entry("newest", "2026-01-01T00:00:01.000Z"))}\n`, 90);
    const claim = await recovery.claim("ada", nobody, "s2");
    assert.deepEqual(
      claim.entries.map(({ text }) => text),
      ["newest"],
    );
    assert.deepEqual(claim.unreadable, []);
    await claim.release();
    assert.deepEqual((await readdir(join(directory, "ada"))).toSorted(), [basename(young), "trash"]);
    assert.deepEqual(await readdir(join(directory, "ada", "trash")), ["s1-0.jsonl.01.tmp"]);
  });

  describe("is tidied up daily", () => {
    let mayRemove: boolean;
    const folder = (): string => join(directory, "ada");
    const age = (file: string, days: number): Promise<void> => utimes(file, 0, clock.now() / 1000 - days * 86_400);
    const files = async (under = ""): Promise<readonly string[]> =>
      (await readdir(join(folder(), under)).catch(() => [])).filter((name) => name.includes(".")).toSorted();

    beforeEach(() => (mayRemove = true));

    it("temporary files after a day, texts after half a year; and for good when they have been in the trash for a month", async () => {
      const mine = session("s1");
      await mine.keep(entry("x"));
      await mine.keep({ ...entry("y"), path: "/home/ada/b.py" });
      const temporary = "s1-0000.jsonl.abcd.tmp";
      await writeFile(join(folder(), temporary), "half");
      using sweeping = keepRecoveryShort({
        directory,
        mayRemove: () => Promise.resolve(mayRemove),
        clock,
        log: silentLog,
      });
      void sweeping;
      const [old = "", recent = ""] = (await files()).filter((name) => name.endsWith(".jsonl"));
      await age(join(folder(), old), 181);
      await age(join(folder(), recent), 179);
      await age(join(folder(), temporary), 2);
      clock.advance(60_000);
      await eventually(async () => isDeepStrictEqual(await files(), [recent]));
      await eventually(async () => isDeepStrictEqual(await files("trash"), [old, temporary].toSorted()));
      await age(join(folder(), recent), 181);
      clock.advance(86_400_000);
      await eventually(async () => (await files("trash")).length === 3);
      for (const name of await files("trash")) await age(join(folder(), "trash", name), 31);
      clock.advance(86_400_000);
      await eventually(async () => (await files("trash")).length === 0);
    });

    it("nothing at all while the clock may be wrong", async () => {
      await session("s1").keep(entry("x"));
      await age(await onlyFile(), 400);
      assert.deepEqual(await sweepRecovery({ directory, mayRemove: () => Promise.resolve(false), clock }), {
        moved: 0,
        removed: 0,
      });
      assert.equal((await files()).length, 1);
    });
  });

  it("sets aside what cannot be read, says so, and gives the rest", async () => {
    await session("s1").keep(entry("x"));
    await writeFile(join(directory, "ada", "s1-0000.jsonl"), '{"path": "/ho');
    await mkdir(join(directory, "ada", "s1-dead.jsonl"));
    const claim = await recovery.claim("ada", nobody, "s2");
    assert.deepEqual(claim.entries, [entry("x")]);
    assert.deepEqual(claim.unreadable.length, 2);
    assert.ok(claim.unreadable.includes("ada/damaged/s1-0000.jsonl"));
    await claim.release();
    assert.equal(await readFile(join(directory, "ada", "damaged", "s1-0000.jsonl"), "utf8"), '{"path": "/ho');
    assert.deepEqual((await recovery.claim("ada", nobody, "s3")).entries, []);
  });

  it("gives both texts of two sessions for one path, the newer one first, and each text once", async () => {
    await session("s1").keep(entry("of one"));
    await session("s2").keep(entry("of another", "2026-01-02T00:00:00.000Z"));
    await session("s3").keep(entry("of one", "2025-12-31T00:00:00.000Z"));
    const first = await recovery.claim("ada", nobody, "s4");
    assert.deepEqual(
      first.entries.map(({ text }) => text),
      ["of another", "of one"],
    );
    // The claimer dies: still two sessions' texts, whoever has taken them over meanwhile.
    const second = await recovery.claim("ada", nobody, "s5");
    assert.deepEqual(second.entries, first.entries);
    await second.release(new Set(second.entries.slice(1)));
    const third = await recovery.claim("ada", nobody, "s6");
    assert.deepEqual(third.entries, first.entries, "what could not be shown is there the next time");
    await third.release();
    assert.equal(await left(), 0);
  });
});
