/** What is removed after a run that overfilled the disk, and what never is: with the server's own saves, and files as a program writes them. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import {
  appendFile,
  chmod,
  link,
  lstat,
  mkdir,
  readdir,
  readFile,
  rm,
  stat,
  utimes,
  writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { silentLog } from "../../src/base/log.ts";
import { ServerWrites, ServerWritesReader } from "../../src/base/server-writes.ts";
import { describe as describeOutcome, shownProgramName } from "../../src/runner/outcome.ts";
import { trim, type TrimQuestion, type Trimmed } from "../../src/runner/broker/trim.ts";
import { withFiles, type Files } from "../workspace/fixture.ts";
import { eventually } from "../support/eventually.ts";

const run = promisify(execFile);
const lines = "print(1)\n".repeat(300);

describe("the removal of what a run wrote beyond what may stay", () => {
  it(
    "leaves what was saved in the editor, copied and made meanwhile, among thousands of files of the same size",
    withFiles(async (files) => {
      const from = Date.now();
      await flood(files, 300);
      const expected = await files.ada.writeText("mine.py", lines);
      await files.ada.writeText("mine.py", `${lines}# more\n`, { expected });
      await files.ada.createDirectory("notes");
      await files.ada.createFile("notes/empty.txt");
      await files.ada.copy("mine.py", "notes/copy.py");
      await files.ada.rename("mine.py", "ours.py");
      await files.prof.writeText("/students/ada/remark.py", lines);
      await files.ada.createDirectory("empty");
      await flood(files, 300, "second");
      const { files: removed, names } = trimmed(files, from);
      assert.ok(removed >= 600);
      assert.ok(names.length === 3 && names.every((name) => /^\d+$/.test(name)), names.join(" "));
      assert.deepEqual((await readdir(files.home, { recursive: true })).toSorted(), [
        "empty",
        "notes",
        "notes/copy.py",
        "notes/empty.txt",
        "ours.py",
        "remark.py",
        "welcome.py",
      ]);
      assert.equal(await readFile(join(files.home, "ours.py"), "utf8"), `${lines}# more\n`);
    }),
  );

  it(
    "removes what a program has put into a file that the server saved",
    withFiles(async (files) => {
      const from = Date.now();
      for (const name of ["grown", "filled", "replaced", "same-size"]) await files.ada.writeText(name, lines);
      const at = (name: string): string => join(files.home, name);
      await appendFile(at("grown"), "x".repeat(1 << 20));
      await run("fallocate", ["--keep-size", "--length", "1MiB", at("filled")]); // blocks beyond the end: neither size nor time tell
      await rm(at("replaced"));
      await writeFile(at("replaced"), lines);
      await writeFile(at("same-size"), lines.replaceAll("1", "2"));
      trimmed(files, from);
      assert.deepEqual(await readdir(files.home), ["welcome.py"]);
    }),
  );

  it(
    "leaves a saved file whose times the program has moved alone only while nothing of it can be its own",
    withFiles(async (files) => {
      const from = Date.now();
      await files.ada.writeText("mine.py", lines);
      const { mtime } = await stat(join(files.home, "mine.py"));
      await appendFile(join(files.home, "mine.py"), "x");
      await utimes(join(files.home, "mine.py"), mtime, mtime);
      await files.ada.writeText("linked.py", lines);
      await link(join(files.home, "linked.py"), join(files.home, "also.py"));
      trimmed(files, from);
      assert.deepEqual((await readdir(files.home)).toSorted(), ["also.py", "linked.py", "welcome.py"]);
    }),
  );

  it(
    "never touches what was there before and did not change, though its person gave it another name",
    withFiles(async (files) => {
      const long = "x".repeat(1 << 19);
      for (const name of ["old", "renamed", "changed"]) await writeFile(join(files.home, name), long);
      const from = await afterTheTimesOf(files);
      await appendFile(join(files.home, "changed"), long);
      await files.ada.rename("renamed", "new-name");
      await writeFile(join(files.home, "made"), long);
      trimmed(files, from);
      const lengths = await Promise.all(
        ["old", "new-name", "changed"].map(async (name) => (await stat(join(files.home, name))).size),
      );
      assert.deepEqual(lengths, [long.length, long.length, 1 << 16]);
      assert.ok(!(await readdir(files.home)).includes("made"));
    }),
  );

  it(
    "does not take for its person's what a program made and somebody renamed",
    withFiles(async (files) => {
      await writeFile(join(files.home, "old"), "old");
      const from = await afterTheTimesOf(files);
      await writeFile(join(files.home, "made"), lines);
      await appendFile(join(files.home, "old"), "x".repeat(1 << 19));
      await files.ada.rename("made", "kept-by-renaming");
      await files.ada.rename("old", "cut-all-the-same");
      trimmed(files, from);
      assert.deepEqual((await readdir(files.home)).toSorted(), ["cut-all-the-same", "welcome.py"]);
      assert.equal((await stat(join(files.home, "cut-all-the-same"))).size, 1 << 16);
    }),
  );

  it(
    "takes the smallest ones where there are too many: empty files and folders, at whatever depth, and in closed folders",
    withFiles(async (files) => {
      await writeFile(join(files.home, "old"), "");
      const from = await afterTheTimesOf(files);
      await flood(files, 200, "large");
      const deep = join(files.home, "d/".repeat(150));
      await mkdir(deep, { recursive: true });
      for (let number = 0; number < 300; number++) await writeFile(join(deep, `empty-${number}`), "");
      for (let number = 0; number < 300; number++) await mkdir(join(files.home, `folder-${number}`));
      await chmod(deep, 0o500);
      const { files: removed } = trimmed(files, from, { maxBytes: Infinity, maxEntries: 400 });
      assert.ok(removed >= 550, String(removed));
      const left = await readdir(files.home, { recursive: true });
      assert.ok(left.length <= 400, String(left.length));
      assert.equal(left.filter((name) => name.startsWith("large/")).length, 200);
      assert.ok(left.includes("old") && left.includes("welcome.py"));
    }),
  );

  it(
    "takes further names of a file that was there before, but leaves it its own",
    withFiles(async (files) => {
      await writeFile(join(files.home, "old"), lines);
      const from = await afterTheTimesOf(files);
      await mkdir(join(files.home, "names"));
      for (let number = 0; number < 300; number++)
        await link(join(files.home, "old"), join(files.home, "names", String(number)));
      const { bytes } = trimmed(files, from, { maxBytes: Infinity, maxEntries: 10 });
      assert.ok((await readdir(files.home, { recursive: true })).length <= 10);
      assert.equal(await readFile(join(files.home, "old"), "utf8"), lines);
      assert.equal(bytes, 0, "its content is still there");
    }),
  );

  it(
    "keeps a bounded number of notes, the newest ones, and saves where none can be made",
    withFiles(async (files) => {
      const writes = new ServerWrites(join(files.outside, "server-writes"), silentLog);
      const stats = await lstat(join(files.home, "welcome.py"), { bigint: true });
      for (let number = 0; number < 3000; number++)
        await writes.noteWritten("ada", Object.assign(Object.create(stats), { ino: BigInt(number + 1e9) }));
      await files.ada.writeText("mine.py", lines);
      const sizes = await Promise.all(
        [notesOf(files), `${notesOf(files)}.older`].map(async (file) => (await stat(file)).size),
      );
      assert.ok(
        sizes.every((size) => size < 66 << 10),
        String(sizes),
      );
      const mine = join(files.home, "mine.py");
      const reader = new ServerWritesReader(notesOf(files));
      assert.ok(reader.holds(Buffer.from(mine), await lstat(mine), Date.now()));
      await files.ada.writeText("later.py", lines);
      const later = join(files.home, "later.py");
      assert.ok(
        reader.holds(Buffer.from(later), await lstat(later), Date.now()),
        "what is saved while files are being removed",
      );
      await rm(join(files.outside, "server-writes"), { recursive: true });
      await writeFile(join(files.outside, "server-writes"), "in the way");
      await files.ada.writeText("saved.py", lines);
      assert.equal(await readFile(join(files.home, "saved.py"), "utf8"), lines);
    }),
  );
});

describe("what a person reads of removed files", () => {
  it("says of files that they were too many", () => {
    assert.equal(
      describeOutcome({ kind: "too-many-files", entries: 50_000, removedFiles: 9000, removedNames: ["a"] }),
      "Stopped: you would have more than your 50,000 files, folders included. What it wrote far beyond that was removed (9,000 files: a, ...). Delete some files, then try again.",
    );
  });

  it("names the first ones, whatever the program called them, in one line", () => {
    const names = ["data.bin", "a\x1b[2J\nb\u202Ec", "n".repeat(250)].map(shownProgramName);
    const text = describeOutcome({ kind: "out-of-disk", mebibytes: 200, removedFiles: 7, removedNames: names });
    assert.ok(text.includes(` (7 files: data.bin, a [2J b?c, ${"n".repeat(27)}..., ...). Delete`), text);
    assert.ok(
      describeOutcome({ kind: "out-of-disk", mebibytes: 200, removedFiles: 1, removedNames: ["x"] }).includes(
        "(1 file: x).",
      ),
    );
  });
});

const notesOf = (files: Files): string => files.workspaces.serverWritesFile("ada");

/** Removes all that may be removed. */
function trimmed(
  files: Files,
  from: number,
  allowed: Partial<Pick<TrimQuestion, "maxBytes" | "maxEntries">> = {},
): Trimmed {
  for (
    const work = trim({
      directories: [files.home],
      from,
      until: Date.now(),
      maxBytes: 0,
      maxEntries: 0,
      serverWritesFile: notesOf(files),
      ...allowed,
    });
    ;
  ) {
    const step = work.next();
    if (step.done) return step.value;
  }
}

async function flood(files: Files, count: number, name = "first"): Promise<void> {
  await mkdir(join(files.home, name));
  for (let number = 0; number < count; number++) await writeFile(join(files.home, name, `${number}`), lines);
}

/** A moment after which nothing in the home has changed yet, also by the kernel's clock, which is a tick behind. */
async function afterTheTimesOf(files: Files): Promise<number> {
  const names = await readdir(files.home);
  const all = await Promise.all(names.map((name) => stat(join(files.home, name))));
  const last = Math.max(...all.map(({ ctimeMs }) => ctimeMs));
  await eventually(() => Date.now() > last + 30);
  const from = Date.now();
  await eventually(() => Date.now() > from + 30);
  return from;
}
