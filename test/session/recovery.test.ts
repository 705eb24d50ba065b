import assert from "node:assert/strict";
import { mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { silentLog } from "../../src/base/log.ts";
import { Recovery } from "../../src/session/recovery.ts";
import { keepRecoveryShort } from "../../src/session/recovery-retention.ts";
import { eventually } from "../support/eventually.ts";
import { FakeClock } from "../support/fake-clock.ts";

describe("recovery of unsaved text", () => {
  let directory: string;
  let recovery: Recovery;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "recovery-"));
    recovery = new Recovery(directory, silentLog);
  });
  afterEach(() => rm(directory, { recursive: true }));

  const entry = (text: string, at = "2026-01-01T00:00:00.000Z") => ({ path: "/home/ada/a.py", text, stamp: "1", at });
  const nobody = (): boolean => false;
  const left = async (): Promise<number> => (await readdir(join(directory, "ada"))).length;

  it("gives a dead session's newest text to the next session, once", async () => {
    const dead = recovery.forSession("ada", "s1");
    await Promise.all([dead.keep(entry("old")), dead.keep(entry("new"))]);
    const claim = await recovery.claim("ada", nobody, "s2");
    assert.deepEqual(claim.entries, [entry("new")]);
    await claim.release();
    assert.equal(await left(), 0);
    assert.deepEqual((await recovery.claim("ada", nobody, "s3")).entries, []);
  });

  it("gives the newest text that is whole, also when the newest file is not", async () => {
    const dead = recovery.forSession("ada", "s1");
    for (const text of ["safe", "recent"]) await dead.keep(entry(text, text === "safe" ? undefined : "2026-01-01T00:00:01.000Z"));
    const names = await readdir(join(directory, "ada"));
    assert.equal(names.length, 2);
    const [recent] = names.filter((name) => name.endsWith("-recent.json"));
    await writeFile(join(directory, "ada", recent ?? ""), "");
    assert.equal((await recovery.claim("ada", nobody, "s2")).entries[0]?.text, "safe");
  });

  it("leaves a live session's text alone", async () => {
    await recovery.forSession("ada", "s1").keep(entry("mine"));
    const claim = await recovery.claim("ada", (session) => session === "s1", "s2");
    assert.deepEqual(claim.entries, []);
    assert.equal(await left(), 1);
  });

  it("forgets a saved text", async () => {
    const session = recovery.forSession("ada", "s1");
    await session.keep(entry("x"));
    await session.forget("/home/ada/a.py");
    assert.equal(await left(), 0);
  });

  it("gives each text to one of two sessions that start at the same moment", async () => {
    for (const name of ["a", "b", "c", "d"]) await recovery.forSession("ada", "s1").keep({ ...entry("x"), path: `/home/ada/${name}.py` });
    const claimers = ["s2", "s3", "s4"];
    const claims = await Promise.all(claimers.map((claimer) => recovery.claim("ada", (session) => claimers.includes(session), claimer)));
    const paths = claims.flatMap((claim) => claim.entries.map(({ path }) => path));
    assert.deepEqual(paths.toSorted(), ["/home/ada/a.py", "/home/ada/b.py", "/home/ada/c.py", "/home/ada/d.py"]);
  });

  it("keeps a claimed text when the claimer dies before it is safe elsewhere", async () => {
    await recovery.forSession("ada", "s1").keep(entry("x"));
    await recovery.claim("ada", nobody, "s2");
    assert.deepEqual((await recovery.claim("ada", nobody, "s3")).entries, [entry("x")]);
  });

  it("removes what a killed server left of a write, once nobody can be at it any more", async () => {
    await recovery.forSession("ada", "s1").keep(entry("x"));
    const [young, old] = ["s1-0-recent.json.00.tmp", "s1-0-recent.json.01.tmp"].map((name) => join(directory, "ada", name)) as [string, string];
    for (const file of [young, old]) await writeFile(file, "{");
    await utimes(old, Date.now() / 1000 - 90, Date.now() / 1000 - 90);
    await (await recovery.claim("ada", nobody, "s2")).release();
    assert.deepEqual(await readdir(join(directory, "ada")), [basename(young)]);
  });

  it("is tidied up daily: temporary files after a day, texts after half a year", async () => {
    const session = recovery.forSession("ada", "s1");
    await session.keep(entry("x"));
    await session.keep({ ...entry("y"), path: "/home/ada/b.py" });
    await writeFile(join(directory, "ada", "s1-0000-recent.json.abcd.tmp"), "half");
    const clock = new FakeClock();
    using sweeping = keepRecoveryShort({ directory, clock, log: silentLog });
    void sweeping;
    const names = await readdir(join(directory, "ada"));
    const age = async (name: string, days: number): Promise<void> => utimes(join(directory, "ada", name), 0, clock.now() / 1000 - days * 86_400);
    const [old = "", recent = ""] = names.filter((name) => name.endsWith(".json"));
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
    await recovery.forSession("ada", "s1").keep(entry("x"));
    await writeFile(join(directory, "ada", "s1-0000.json"), '{"path": "/ho');
    assert.deepEqual((await recovery.claim("ada", nobody, "s2")).entries, [entry("x")]);
  });
});
