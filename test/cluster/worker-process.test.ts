/** How long the primary waits for a worker that says nothing: with time that the test moves. */
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLog, type Log } from "../../src/base/log.ts";
import { WorkerProcess } from "../../src/cluster/worker-process.ts";
import { loadSettings } from "../../src/config/load.ts";
import { FakeClock } from "../support/fake-clock.ts";

describe("a worker that gives no sign of life", () => {
  let directory: string;
  let clock: FakeClock;
  let warnings: string[];
  const log: Log = { ...silentLog, warn: (message) => void warnings.push(message) };

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), "classh-silent-"));
  });
  beforeEach(() => {
    clock = new FakeClock();
    warnings = [];
  });
  after(() => rm(directory, { recursive: true }));

  /** A program that says at most that it is ready. */
  async function worker(says: readonly object[]): Promise<WorkerProcess> {
    const file = join(directory, "worker.mjs");
    await writeFile(
      file,
      `for (const message of ${JSON.stringify(says)}) process.send(message);\nsetInterval(() => {}, 1000);\n`,
    );
    const foundation = { data: directory, url: "", firstLoginFile: "", sockets: directory };
    const start = {
      type: "start",
      worker: 1,
      settings: loadSettings({ environment: {}, flags: {} }),
      foundation,
    } as const;
    return new WorkerProcess({ file, execArgv: [], start, clock, log });
  }

  /** Seconds until it is killed. */
  async function lifetime(process: WorkerProcess): Promise<number> {
    const kill = process.kill.bind(process);
    const killed: number[] = [];
    process.kill = () => void killed.push(clock.monotonic() / 1000);
    for (let second = 0; second < 600; second += 5) clock.advance(5000);
    kill();
    await process.exited;
    return killed[0] ?? Infinity;
  }

  it("is killed after half a minute when it serves", async () => {
    const process = await worker([{ type: "ready", jail: { available: true }, demo: false }]);
    await process.ready;
    const seconds = await lifetime(process);
    assert.ok(seconds >= 30 && seconds <= 40, `${seconds} s`);
  });

  it("gets no connections any more before ten seconds are over, and is told about once", async () => {
    const process = await worker([{ type: "ready", jail: { available: true }, demo: false }]);
    await process.ready;
    assert.equal(process.serving, true);
    clock.advance(5000);
    assert.equal(process.serving, true, "one sign may be late");
    clock.advance(4999);
    assert.equal(process.serving, false);
    assert.deepEqual(warnings, ["a worker does not respond: new connections go elsewhere"]);
    clock.advance(10_000);
    assert.equal(warnings.length, 1);
    process.kill();
    await process.exited;
  });

  it("may take minutes to start, where the machine is busy, and not for ever", async () => {
    const process = await worker([]);
    const refused = assert.rejects(process.ready, /ended while it started \(SIGKILL\)/);
    const seconds = await lifetime(process);
    assert.ok(seconds >= 120 && seconds <= 300, `${seconds} s`);
    await refused;
  });
});
