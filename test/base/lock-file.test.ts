import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lockFile, type FileLock } from "../../src/base/lock-file.ts";
import { silentLog } from "../../src/base/log.ts";
import { eventually } from "../support/eventually.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { loader } from "../support/program.ts";

describe("a lock file", () => {
  let directory: string;
  let file: string;
  let clock: FakeClock;
  let lost: number;
  const locks: FileLock[] = [];

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "lock-file-"));
    file = join(directory, "lock");
    clock = new FakeClock();
    lost = 0;
  });
  afterEach(async () => {
    for (const lock of locks.splice(0)) await lock[Symbol.asyncDispose]();
    assert.equal(clock.timers, 0);
    await rm(directory, { recursive: true });
  });

  async function take(): Promise<FileLock | undefined> {
    const lock = await lockFile(file, { onLost: () => (lost += 1), clock, log: silentLog });
    if (lock) locks.push(lock);
    return lock;
  }

  it("is one process's at a time, needs no child, and is free when it is released", async () => {
    const lock = await take();
    assert.ok(lock);
    const children = await readFile(`/proc/${process.pid}/task/${process.pid}/children`, "utf8");
    const names = await Promise.all(
      children
        .split(" ")
        .filter(Boolean)
        .map((pid) => readFile(`/proc/${pid}/comm`, "utf8").catch(() => "")),
    );
    assert.ok(!names.includes("flock\n"));
    assert.equal(await take(), undefined);
    await lock[Symbol.asyncDispose]();
    locks.length = 0;
    assert.ok(await take());
  });

  it("is free when its holder is killed, and not while the holder only stands still", async () => {
    const program = `
      import { lockFile } from ${JSON.stringify(new URL("../../src/base/lock-file.ts", import.meta.url).href)};
      import { systemClock } from ${JSON.stringify(new URL("../../src/base/clock.ts", import.meta.url).href)};
      import { silentLog } from ${JSON.stringify(new URL("../../src/base/log.ts", import.meta.url).href)};
      const lock = await lockFile(process.argv.at(-1), { onLost() {}, clock: systemClock, log: silentLog });
      console.log(lock ? "held" : "refused");
      setInterval(() => lock, 1000);
    `;
    const child = spawn(process.execPath, [...loader, "--input-type=module", "-e", program, file], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [said] = (await once(child.stdout, "data")) as [Buffer];
    assert.equal(said.toString(), "held\n");
    child.kill("SIGSTOP");
    assert.equal(await take(), undefined);
    child.kill("SIGKILL");
    await once(child, "exit");
    assert.ok(await take());
  });

  it("is taken again when somebody removed or replaced it", async () => {
    await take();
    for (const disturb of [() => rm(file), () => rename(file, `${file}.moved`)]) {
      await disturb();
      clock.advance(15_000);
      await eventually(async () => (await readFile(file, "utf8").catch(() => undefined)) !== undefined);
      await eventually(async () => (await take()) === undefined);
    }
    assert.equal(lost, 0);
  });

  it("is lost, which is told once, when somebody else has what is there by then", async () => {
    const first = await take();
    await rm(file);
    const second = await take();
    assert.ok(second);
    await eventually(() => {
      clock.advance(15_000);
      return first?.lost === true;
    });
    clock.advance(60_000);
    assert.equal(lost, 1);
    assert.equal(second.lost, false);
  });
});
