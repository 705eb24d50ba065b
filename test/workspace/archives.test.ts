import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../src/base/clock.ts";
import { silentLog } from "../../src/base/log.ts";
import { Archives } from "../../src/workspace/archives.ts";

describe("archives of removed accounts", () => {
  let top: string;
  let elsewhere: string;
  before(async () => {
    top = await mkdtemp(join(tmpdir(), "classh-archives-"));
    elsewhere = await mkdtemp("/dev/shm/classh-archives-");
  });
  after(async () => {
    for (const directory of [top, elsewhere]) await rm(directory, { recursive: true, force: true });
  });

  const archives = (directory: string) =>
    new Archives({
      directory,
      sources: {
        home: (username) => join(top, "homes", username),
        unsaved: (username) => join(top, "unsaved", username),
      },
      clock: systemClock,
      log: silentLog,
    });

  async function fill(username: string): Promise<string> {
    const home = join(top, "homes", username);
    await mkdir(join(home, "locked"), { recursive: true });
    await writeFile(join(home, "locked", "kept.py"), "x = 1\n");
    await writeFile(join(home, "-rf"), "a name like a flag\n");
    await symlink("/etc", join(home, "link"));
    execFileSync("mkfifo", [join(home, "pipe")]);
    execFileSync("truncate", ["--size=2G", join(home, "sparse")]);
    await chmod(join(home, "locked"), 0o000);
    await chmod(home, 0o500);
    return home;
  }

  /** The archive, unpacked. */
  function names(file: string): string[] {
    return execFileSync("tar", ["-tzf", file], { encoding: "utf8" })
      .trimEnd()
      .split("\n")
      .map((line) => line.replace(/^[^/]*\//, ""));
  }

  for (const place of ["the same file system", "another file system"] as const) {
    it(`hold what a hostile program left, from ${place}`, async () => {
      const directory = place === "another file system" ? join(elsewhere, "archive") : join(top, "archive");
      const home = await fill("ada");
      if (place === "another file system") assert.notEqual((await stat(elsewhere)).dev, (await stat(top)).dev);
      const taken = await archives(directory).take("ada");
      assert.ok(taken.any);
      await assert.rejects(stat(home), { code: "ENOENT" });
      const file = await archives(directory).pack(taken);
      const packed = names(file);
      for (const name of ["home/locked/kept.py", "home/-rf", "home/link", "home/pipe", "home/sparse"])
        assert.ok(packed.includes(name), `${name} in ${packed.join(" ")}`);
      assert.ok((await stat(file)).size < 5_000_000, "holes are not packed");
      await archives(directory).discard(taken);
      assert.deepEqual(
        (await readdir(directory)).map((name) => name.replace(/-\d.*Z/, "")),
        ["ada.tar.gz"],
      );
    });

    it(`give everything back, to ${place}`, async () => {
      const directory = place === "another file system" ? join(elsewhere, "back") : join(top, "back");
      const home = await fill("bob");
      const taken = await archives(directory).take("bob");
      await archives(directory).giveBack("bob", taken);
      await chmod(join(home, "locked"), 0o700);
      assert.equal(await readFile(join(home, "locked", "kept.py"), "utf8"), "x = 1\n");
      assert.deepEqual(await readdir(directory), []);
      await rm(home, { recursive: true });
    });
  }

  it("are not made of nothing, nor of what is no account's", async () => {
    const directory = join(top, "none");
    assert.equal((await archives(directory).take("nobody")).any, false);
    assert.deepEqual(await readdir(directory), []);
    await assert.rejects(archives(directory).take("../homes"), { code: "bad-name" });
  });
});
