import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../src/base/clock.ts";
import { DiskRoom, type FreeRoom } from "../../src/base/disk-room.ts";
import { UserError } from "../../src/base/errors.ts";
import { silentLog, type Fields } from "../../src/base/log.ts";
import { Scope } from "../../src/base/scope.ts";
import { describe as sentenceOf } from "../../src/runner/outcome.ts";
import { Lab } from "../runner/support.ts";
import { makeFiles } from "../workspace/fixture.ts";

const plenty: FreeRoom = { bytes: 2 ** 40, inodes: 1_000_000 };

describe("the room on the disk", () => {
  let scope: Scope;
  let free: FreeRoom;
  let room: DiskRoom;
  let logged: string[];

  beforeEach(async () => {
    scope = new Scope("disk room");
    free = plenty;
    logged = [];
    const directory = await mkdtemp(join(tmpdir(), "classh-room-"));
    scope.defer(() => rm(directory, { recursive: true, force: true }));
    const log = {
      ...silentLog,
      error: (message: string, fields?: Fields) => void logged.push(`${message} ${String(fields?.freeMebibytes)}`),
    };
    room = scope.own(
      await DiskRoom.open({
        directory,
        reserveMebibytes: 256,
        reserveFileMebibytes: 0,
        keeps: false,
        clock: systemClock,
        log,
        measure: () => Promise.resolve(free),
      }),
    );
  });
  afterEach(() => scope.close());

  async function nowFree(next: FreeRoom): Promise<void> {
    free = next;
    await room.check();
  }

  const almostFull = (error: unknown): boolean =>
    error instanceof UserError &&
    error.code === "disk-full" &&
    /almost full/.test(error.message) &&
    /Ctrl-S/.test(error.hint ?? "");

  for (const [what, next] of [
    ["bytes", { bytes: 200 << 20, inodes: 1_000_000 }],
    ["inodes", { bytes: 2 ** 40, inodes: 1000 }],
  ] as const) {
    it(`lets people save but makes nothing new while ${what} are short, says so once in the log, and goes on when there is room`, async () => {
      const files = await makeFiles(scope, { room });
      const stamp = await files.ada.writeText("a.py", "1");
      await nowFree(next);
      await room.check();
      await assert.rejects(files.ada.createFile("b.py"), almostFull);
      await assert.rejects(files.ada.createDirectory("folder"), almostFull);
      await assert.rejects(files.ada.copy("a.py", "c.py"), almostFull);
      await files.ada.writeText("a.py", "2", { expected: stamp });
      await files.ada.remove("a.py");
      assert.equal(logged.length, 1);
      await nowFree(plenty);
      await files.ada.createFile("b.py");
    });
  }

  it("does not take a file system without a number of inodes for full", async () => {
    await nowFree({ bytes: 2 ** 40, inodes: undefined });
    assert.equal(room.short, false);
  });

  it("ends programs that write while the server has too little room for itself, and no others", async () => {
    // A reserve that is larger than any disk: the broker, which asks the system, finds too little room.
    const directory = tmpdir();
    const measure = (): Promise<FreeRoom> => Promise.resolve({ bytes: 2 ** 70, inodes: undefined });
    const huge = scope.own(
      await DiskRoom.open({
        directory,
        reserveMebibytes: 2 ** 40,
        reserveFileMebibytes: 0,
        keeps: false,
        clock: systemClock,
        log: silentLog,
        measure,
      }),
    );
    await using lab = await Lab.open({ room: huge });
    const writing = await lab.run("fills-workspace.py");
    assert.deepEqual(writing.outcome, { kind: "server-disk-full" });
    assert.match(sentenceOf(writing.outcome), /server's disk is almost full/);
    assert.equal((await lab.run("prints-much.py")).outcome.kind, "exited");
  });

  it("starts no program while there is too little room, and lets those go on that run", async () => {
    await using lab = await Lab.open({ room });
    await using console = lab.console();
    await console.reaches("prompt");
    await nowFree({ bytes: 1, inodes: 1 });
    await assert.rejects(lab.run("hello.py"), almostFull);
    assert.throws(() => console.console.runFile("/home/ada/hello.py"), almostFull);
    assert.match(await console.type("1 + 1"), /2/);
    await nowFree(plenty);
    assert.equal((await lab.run("hello.py")).outcome.kind, "exited");
  });
});
