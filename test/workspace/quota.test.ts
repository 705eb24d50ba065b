import assert from "node:assert/strict";
import { chmod, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { systemClock } from "../../src/base/clock.ts";
import { refuses, withFiles } from "./fixture.ts";

const mebibyte = `${"x".repeat(1023)}\n`.repeat(1024);

describe("the quota of a workspace", () => {
  it(
    "refuses what is too much, and admits it after something was deleted",
    withFiles(async ({ ada, prof }) => {
      for (let n = 0; n < 7; n++) await ada.writeText(`${n}.txt`, mebibyte);
      await refuses("quota-exceeded", ada.writeText("7.txt", mebibyte), /of 8 MiB are used.*Delete files/s);
      await refuses("quota-exceeded", ada.copy("0.txt", "7.txt"));
      await refuses("quota-exceeded", prof.writeText("/students/ada/7.txt", mebibyte));
      await prof.writeText("7.txt", mebibyte);
      await refuses("quota-exceeded", prof.rename("7.txt", "/students/ada/7.txt"));
      assert.equal((await prof.readText("7.txt")).size, mebibyte.length, "a refused move moves nothing");
      await ada.writeText("0.txt", mebibyte, { overwrite: true });
      await ada.remove("0.txt");
      await ada.writeText("7.txt", mebibyte);
    }),
  );

  it(
    "has no limit for the course",
    withFiles(async ({ prof }) => {
      for (let n = 0; n < 9; n++) await prof.writeText(`/course/Tests/${n}.txt`, mebibyte);
    }),
  );

  it("counts what programs wrote, at the latest a minute later", async () => {
    let now = 0;
    const clock = { ...systemClock, monotonic: () => now };
    await withFiles(
      async ({ ada, home }) => {
        assert.deepEqual(await ada.usage(), { bytes: 4096, files: 1, complete: true });
        await mkdir(join(home, "data"));
        await writeFile(join(home, "data/big"), Buffer.alloc(8 << 20));
        assert.equal((await ada.usage()).files, 1, "a count is kept for some seconds");
        await ada.writeText("a.py", "x");
        now += 5_001;
        assert.deepEqual(await ada.usage(), { bytes: (8 << 20) + 3 * 4096, files: 4, complete: true });
        await refuses("quota-exceeded", ada.writeText("b.py", "x"));
        await rm(join(home, "data/big"));
        now += 60_001;
        await ada.writeText("b.py", "x");
      },
      { clock },
    )();
  });

  it("lets whoever has too many files save what is there, and delete, but make nothing new", async () => {
    let now = 0;
    const clock = { ...systemClock, monotonic: () => now };
    await withFiles(
      async ({ ada, prof, home }) => {
        await ada.writeText("open.py", "x");
        await mkdir(join(home, "many"));
        for (let number = 0; number < 230; number++) await writeFile(join(home, "many", String(number)), "");
        now += 60_001;
        await ada.writeText("open.py", "y".repeat(9000), { overwrite: true });
        for (const work of [
          () => ada.writeText("new.py", "x"),
          () => ada.createDirectory("new"),
          () => ada.copy("open.py", "copy.py"),
          () => prof.writeText("/students/ada/remark.py", "x"),
        ])
          await refuses("quota-exceeded", work(), /100 files of 100 are there, folders included.*You can still save/s);
        await ada.rename("open.py", "renamed.py");
        await ada.remove("many", { recursive: true });
        await ada.writeText("new.py", "x");
      },
      { limits: { workspaceEntries: 100 }, clock },
    )();
  });

  it("can't be dodged with folders that nobody may read", async () => {
    let now = 0;
    const clock = { ...systemClock, monotonic: () => now };
    await withFiles(
      async ({ ada, home }) => {
        await mkdir(join(home, "hidden"));
        await chmod(join(home, "hidden"), 0);
        await ada.writeText("a.py", "x");
        await writeFile(join(home, "hidden", "big"), Buffer.alloc(9 << 20));
        await chmod(join(home, "hidden"), 0);
        now += 60_001;
        await refuses("quota-exceeded", ada.writeText("b.py", "x"), /your account has no room left/);
        await ada.remove("hidden", { recursive: true });
        await ada.writeText("b.py", "x");
      },
      { clock },
    )();
  });
});
