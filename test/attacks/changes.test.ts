import assert from "node:assert/strict";
import { unlinkSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { systemClock } from "../../src/base/clock.ts";
import { silentLog } from "../../src/base/log.ts";
import { loadSettings } from "../../src/config/load.ts";
import { Workspaces } from "../../src/workspace/workspaces.ts";
import { Lab, type ScriptEnd } from "../runner/support.ts";
import { WatchedTree } from "../session/watched-tree.ts";
import { eventually } from "../support/eventually.ts";
import { students } from "../workspace/fixture.ts";
import { attack } from "./attack.ts";

const files = 20_000;

/** What the server did while a program changed the files that are shown. */
interface Storm {
  readonly end: ScriptEnd;
  readonly ms: number;
  readonly listings: number;
  readonly stats: number;
  readonly maxReading: number;
}

describe("files that are shown, against a program that changes them", () => {
  let lab: Lab;
  let watched: WatchedTree;
  let home: string;
  let storm: Storm;

  before(async () => {
    lab = await Lab.open({ limits: { runSeconds: 120 } });
    home = join(lab.directory, "files/Local/ada");
    await writeFile(join(home, "a.py"), "before\n");
    const workspaces = new Workspaces({
      directory: join(lab.directory, "files"),
      limits: loadSettings({ environment: {} }).limits,
      students: students([]),
      log: silentLog,
    });
    watched = new WatchedTree(workspaces.for({ username: "ada", role: "student" }), systemClock);
    await watched.tree.expand("/home/ada");
    await watched.documents.open("/home/ada/a.py");
    await eventually(() => watched.listings >= 2);
    watched.forgetCounts();
    const began = performance.now();
    const end = await lab.run("changes-names.py", {
      args: [String(files), "3"],
      place: { ...lab.place, workspaceEntries: 50_000 },
    });
    const ms = performance.now() - began;
    const { listings, stats, maxReading } = watched;
    storm = { end, ms, listings, stats, maxReading };
  });
  after(async () => {
    await watched[Symbol.asyncDispose]();
    await lab[Symbol.asyncDispose]();
  });

  attack(
    {
      area: "files",
      attack: "creates 20,000 files in the folder that is shown, and renames and deletes there without a pause",
      outcome: "has the folder read twice a second at most, one reading at a time",
    },
    () => {
      assert.equal(storm.end.stdout, "changed\n", JSON.stringify(storm.end));
      const looks = 1 + storm.ms / 500;
      assert.ok(storm.listings >= 1 && storm.listings <= looks, `${storm.listings} readings in ${storm.ms} ms`);
      assert.equal(storm.maxReading, 1);
    },
  );

  attack(
    {
      area: "files",
      attack: "makes the server look at each of the names that change",
      outcome: "it looks at none of them, and at an open file at most twice a second",
    },
    () => {
      assert.ok(storm.stats <= 2 + (2 * storm.ms) / 500, `${storm.stats} looks in ${storm.ms} ms`);
    },
  );

  attack(
    {
      area: "files",
      attack: "hides a change of an open file among a hundred thousand others",
      outcome: "is seen within seconds; afterwards the files are shown as they are",
    },
    async () => {
      await eventually(() => watched.documents.list[0]?.editor.text() === "after\n");
      for (let number = 0; number < files; number++) unlinkSync(join(home, `f${number}`));
      await writeFile(join(home, "made.txt"), "");
      await eventually(() => watched.tree.rows.some(({ name }) => name === "made.txt"));
      await eventually(() => watched.isTrue("/home/ada"));
      await rm(join(home, "made.txt"));
      await eventually(() => watched.isTrue("/home/ada"));
    },
  );
});
