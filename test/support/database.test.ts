import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sweep } from "./database.ts";

/** No process has this number: the kernel's greatest is 2^22. */
const ended = 2 ** 22 + 1;

describe("the databases of test runs that were killed", () => {
  let place: string;
  const own = process.getuid?.() ?? 0;
  beforeEach(async () => {
    place = await mkdtemp(join(tmpdir(), "classh-sweep-"));
    for (const pid of [ended, process.pid]) {
      await mkdir(join(place, `classh-test-pg-${pid}-abc`, "postgres"), { recursive: true, mode: 0o700 });
      await writeFile(join(place, `classh-test-pg-${pid}-abc`, "postgres", "PG_VERSION"), "18\n");
    }
  });
  afterEach(() => rm(place, { recursive: true }));

  it("are removed; those of runs that go on are not", async () => {
    await sweep(place, own);
    assert.deepEqual(await readdir(place), [`classh-test-pg-${process.pid}-abc`]);
  });

  it("are left alone where they belong to another account, which can't be looked into", async () => {
    await sweep(place, own + 1);
    assert.equal((await readdir(place)).length, 2);
  });
});
