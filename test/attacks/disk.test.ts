import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { silentLog } from "../../src/base/log.ts";
import { loadSettings } from "../../src/config/load.ts";
import { Workspaces } from "../../src/workspace/workspaces.ts";
import { Lab, type ScriptEnd } from "../runner/support.ts";
import { students } from "../workspace/fixture.ts";
import { attack } from "./attack.ts";

const run = promisify(execFile);
const program = fileURLToPath(new URL("../runner/programs/takes-disk.py", import.meta.url));
const mebibyte = 1 << 20;

/** What each person may keep here, and what the attacks try to take. */
const quota = 16 * mebibyte;
const wanted = 64;
/** Folders and files that somebody may have. */
const entries = 3000;

interface DiskAttack {
  /** The function of takes-disk.py. */
  readonly how: string;
  readonly attack: string;
  readonly mebibytes?: number;
  /** It ends by itself before anybody looks. */
  readonly hurried?: boolean;
  /** The filter of system calls does not even let it begin. */
  readonly refused?: boolean;
}

const attacks: readonly DiskAttack[] = [
  { how: "hold-open", attack: "files that are deleted and kept open" },
  { how: "hold-temporary", attack: "files that never had a name (O_TMPFILE)", refused: true },
  { how: "hold-mapped", attack: "files that only a mapping holds" },
  { how: "hold-in-flight", attack: "descriptors in flight over a socket" },
  { how: "hold-in-flight-nested", attack: "descriptors in flight over a socket that is in flight" },
  { how: "hold-behind-dead-leader", attack: "nameless files held by a thread whose process seems to have ended" },
  { how: "hold-in-relay", attack: "nameless files handed from child to child, each of which ends at once" },
  { how: "hide-from-proc", attack: "nameless files of a process that hides itself from /proc" },
  { how: "small-files", attack: "thousands of small files in nested folders" },
  { how: "many-writers", attack: "28 writers at once" },
  { how: "grow-at-the-end", attack: "everything just before the program ends", hurried: true },
  { how: "grow-old-files", attack: "existing files that grow" },
  { how: "fill-sparse", attack: "sparse files that are filled through a mapping" },
  { how: "fork-and-rename", attack: "writers forked over and over that move their files between folders" },
  { how: "closed-folders", attack: "files in folders without any permissions" },
  { how: "many-directories", attack: "tens of thousands of folders" },
  { how: "long-links", attack: "tens of thousands of links to very long names" },
];

describe("the disk, against a program that takes it", () => {
  let lab: Lab;
  const ends = new Map<string, { readonly end: ScriptEnd; readonly kept: number }>();

  before(async () => {
    lab = await Lab.open({ limits: { runSeconds: 600 } });
    // All at once: nobody's look may be held up by the others.
    await Promise.all(
      attacks.map(async ({ how, mebibytes = wanted }) => ends.set(how, await attacked(lab, how, mebibytes))),
    );
  });
  after(() => lab[Symbol.asyncDispose]());

  for (const { how, attack: title, hurried, refused } of attacks) {
    if (refused) {
      attack({ area: "disk", attack: title, outcome: "is refused" }, () => {
        const found = ends.get(how);
        assert.match(found?.end.stderr ?? "", /OSError|PermissionError/);
        assert.ok(found && found.kept <= quota, `${found?.kept} bytes stay`);
      });
      continue;
    }
    const outcome = hurried
      ? "is reported after the run; what exceeds 1.25 times the quota is removed"
      : "is stopped within seconds; at most 1.25 times the quota remains";
    attack({ area: "disk", attack: title, outcome }, () => {
      const found = ends.get(how);
      assert.ok(found);
      assert.ok(["out-of-disk", "too-many-files"].includes(found.end.outcome.kind), JSON.stringify(found.end));
      assert.ok(found.kept <= quota * 1.25, `${found.kept} bytes stay`);
    });
  }

  it("leaves programs alone that use nameless files, shared memory and descriptors in flight as they are meant", async () => {
    const { end } = await attacked(lab, "honest", 4);
    assert.equal(end.stdout, "taken\n", JSON.stringify(end));
    assert.deepEqual(end.outcome, { kind: "exited", status: 0 });
  });
});

describe("the disk, against a program that takes it while its person works", () => {
  attack(
    {
      area: "disk",
      attack: "thousands of files as small as a source file, while the person saves",
      outcome: "is stopped within seconds; what was saved stays whole",
    },
    async () => {
      await using lab = await Lab.open();
      const owner = "saver";
      const workspaces = new Workspaces({
        directory: join(lab.directory, "files"),
        limits: loadSettings({ environment: {} }).limits,
        students: students([]),
        log: silentLog,
      });
      const home = workspaces.homeDirectory(owner);
      await mkdir(home);
      await copyFile(program, join(home, "takes-disk.py"));
      const mounts = [{ source: home, target: "/home/ada", writable: true }];
      // So little that hardly any file can stay, however soon the program is ended.
      const place = {
        ...lab.place,
        owner,
        mounts,
        workspaceDirectory: home,
        workspaceBytes: mebibyte / 16,
        serverWritesFile: workspaces.serverWritesFile(owner),
      };
      const stdin = new PassThrough();
      const script = lab.start("takes-disk.py", stdin, { args: ["flood-when-told", "64"], place });
      const first = await Promise.race([
        once(script.stdout, "data").then(() => "ready"),
        script.end.then((end) => JSON.stringify(end)),
      ]);
      assert.equal(first, "ready");
      const saver = workspaces.for({ username: owner, role: "student" });
      const line = "one_more_line = 1\n";
      for (let number = 0; number < 5; number++) await saver.writeText(`work-${number}.py`, line.repeat(100));
      stdin.end("flood\n");
      const { outcome } = await script.end;
      assert.ok(
        (outcome.kind === "out-of-disk" || outcome.kind === "too-many-files") && (outcome.removedFiles ?? 0) > 0,
        JSON.stringify(outcome),
      );
      for (let number = 0; number < 5; number++)
        assert.equal(await readFile(join(home, `work-${number}.py`), "utf8"), line.repeat(100));
    },
  );
});

/** Runs an attack in a home of its own, and measures what stays of it. */
async function attacked(lab: Lab, how: string, mebibytes: number): Promise<{ end: ScriptEnd; kept: number }> {
  const home = join(lab.directory, "files/Local", how);
  await mkdir(home);
  await copyFile(program, join(home, "takes-disk.py"));
  if (how === "grow-old-files")
    for (let number = 0; number < wanted / 8; number++) await writeFile(join(home, `old-${number}`), "old");
  const place = {
    ...lab.place,
    owner: how,
    mounts: [{ source: home, target: "/home/ada", writable: true }],
    workspaceDirectory: home,
    workspaceBytes: quota,
    workspaceEntries: entries,
  };
  const end = await lab.run("takes-disk.py", { args: [how, String(mebibytes)], place });
  await run("/bin/chmod", ["-R", "u+rwX", home]);
  const { stdout } = await run("/usr/bin/du", ["-s", "--block-size=1", home]);
  return { end, kept: Number.parseInt(stdout, 10) };
}
