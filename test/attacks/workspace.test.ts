/** What a student's program could do to the server's own file access. */
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { link, mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { UserError } from "../../src/base/errors.ts";
import { decodeName } from "../../src/workspace/file-names.ts";
import { patience } from "../support/patience.ts";
import { type Files, refuses, withFiles } from "../workspace/fixture.ts";

const swapProgram = fileURLToPath(new URL("swap.py", import.meta.url));

/** Runs `work` while a program exchanges each two of the names in Ada's home. */
async function whileSwapping(home: string, names: readonly string[], work: () => Promise<void>): Promise<void> {
  const swapper = spawn("/usr/bin/python3", ["-I", swapProgram, ...names.map((name) => join(home, name))], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const closed = once(swapper, "close");
  try {
    await once(swapper.stdout, "data");
    await work();
  } finally {
    swapper.kill("SIGKILL");
    await closed;
  }
}

/** Makes home/data (a folder with a.py) and home/trap (a link to a folder outside with a.py); gives the folder outside. */
async function makeTrap({ home, outside, ada }: Files): Promise<string> {
  const target = join(outside, "target");
  await mkdir(target);
  await writeFile(join(target, "a.py"), "secret");
  await ada.createDirectory("data");
  await ada.writeText("data/a.py", "mine");
  await symlink(target, join(home, "trap"));
  await writeFile(join(home, "file.py"), "mine");
  await symlink(join(target, "a.py"), join(home, "filetrap.py"));
  return target;
}

/**
 * Does some things one after the other, at least `rounds` times, and until each has both worked and been refused with one of the codes: on
 * a busy machine the program that swaps may get no turn for seconds.
 */
async function race(
  rounds: number,
  codes: readonly string[],
  ...works: readonly ((round: number) => Promise<unknown>)[]
): Promise<void> {
  const counts = works.map(() => ({ done: 0, refused: 0 }));
  const isOn = (): boolean => counts.every(({ done, refused }) => done > 0 && refused > 0);
  const end = performance.now() + patience * 1000;
  for (let round = 0; round < rounds || !isOn(); round++) {
    assert.ok(performance.now() < end, `the race was not on: ${JSON.stringify(counts)}`);
    for (const [index, work] of works.entries()) {
      const count = counts[index];
      assert.ok(count);
      try {
        await work(round);
        count.done++;
      } catch (error) {
        if (!(error instanceof UserError) || !codes.includes(error.code)) throw error;
        count.refused++;
      }
    }
  }
}

describe("attacks on the workspace", () => {
  it(
    "reads nothing outside while folders and files are swapped for links",
    withFiles(async (files) => {
      await makeTrap(files);
      await whileSwapping(files.home, ["data", "trap", "file.py", "filetrap.py"], async () => {
        await race(700, ["not-a-directory"], async () =>
          assert.equal((await files.ada.readText("data/a.py")).text, "mine"),
        );
        await race(700, ["not-a-file"], async () => assert.equal((await files.ada.readText("file.py")).text, "mine"));
        await race(300, ["not-a-directory"], async () =>
          assert.deepEqual(
            (await files.ada.list("data")).entries.map((entry) => entry.size),
            [4],
          ),
        );
      });
    }),
  );

  it(
    "writes, renames and deletes nothing outside while a folder is swapped for a link",
    withFiles(async (files) => {
      const target = await makeTrap(files);
      const { ada, home } = files;
      const refusals = ["not-a-directory", "changed-on-disk", "file-not-found", "exists", "not-a-file"];
      await whileSwapping(home, ["data", "trap"], async () => {
        await race(200, refusals, () => ada.writeText("data/a.py", "mine", { overwrite: true }));
        await race(
          150,
          refusals,
          (round) => ada.createDirectory(`data/d${round}`),
          (round) => ada.rename(`data/d${round}`, `data/e${round}`),
          (round) => ada.remove(`data/e${round}`),
        );
        await race(150, refusals, (round) => ada.copy("data/a.py", `data/c${round}.py`));
      });
      assert.deepEqual(await readdir(target), ["a.py"]);
      assert.equal(await readFile(join(target, "a.py"), "utf8"), "secret");
    }),
  );

  it(
    "deletes nothing outside while folders inside a deleted one are swapped for links",
    withFiles(async (files) => {
      const target = await makeTrap(files);
      const { ada, home } = files;
      const rounds = 12;
      await mkdir(join(home, "tree"));
      for (let round = 0; round < rounds; round++) {
        await mkdir(join(home, "tree", `${round}`, "inner", "deep"), { recursive: true });
        await symlink(target, join(home, "tree", `${round}`, "inner-trap"));
        for (let n = 0; n < 30; n++) await writeFile(join(home, "tree", `${round}`, "inner", `${n}.py`), "");
      }
      for (let round = 0; round < rounds; round++) {
        const folder = `tree/${round}`;
        await whileSwapping(home, [`${folder}/inner`, `${folder}/inner-trap`], () =>
          ada.remove(folder, { recursive: true }),
        );
      }
      assert.deepEqual(await readdir(join(home, "tree")), []);
      assert.deepEqual(await readdir(target), ["a.py"]);
    }),
  );

  it(
    "never goes through a link that leads out, wherever it stands",
    withFiles(async (files) => {
      const target = await makeTrap(files);
      const { ada, prof, home } = files;
      await symlink("/", join(home, "root"));
      await symlink("..", join(home, "up"));
      for (const path of ["trap/a.py", "root/etc/passwd", "up/prof/welcome.py"]) {
        await refuses("not-a-directory", ada.readText(path), /link/);
        await refuses("not-a-directory", ada.writeText(path, "x", { overwrite: true }));
        await refuses("not-a-directory", ada.remove(path, { recursive: true }));
        await refuses("not-a-directory", ada.rename(path, "stolen.py"));
        await refuses("not-a-directory", ada.copy(path, "stolen.py"));
        await refuses("not-a-directory", prof.readText(`/students/ada/${path}`));
      }
      await refuses("not-a-directory", ada.list("trap"), /link/);
      await refuses("not-a-directory", ada.createFile("trap/new.py"));
      await refuses("not-a-directory", ada.rename("file.py", "trap/file.py"));
      await refuses("not-a-file", ada.copy("trap", "stolen"));
      await ada.rename("trap", "renamed");
      await ada.remove("renamed", { recursive: true });
      assert.deepEqual(await readdir(target), ["a.py"]);
      assert.deepEqual((await ada.usage()).complete, true);
    }),
  );

  it(
    "replaces a hard link's name, not the file that it shares",
    withFiles(async ({ ada, home, outside }) => {
      await writeFile(join(outside, "shared"), "theirs");
      await link(join(outside, "shared"), join(home, "a.py"));
      await ada.writeText("a.py", "mine", { overwrite: true });
      assert.equal(await readFile(join(outside, "shared"), "utf8"), "theirs");
    }),
  );

  it(
    "lists, reads, renames and deletes files with impossible names",
    withFiles(async ({ ada, home }) => {
      const odd = [
        "two\nlines.py",
        "\u001b]0;title\u0007.py",
        "caf\xe9.py",
        "-rf",
        "a\\b",
        "\xff".repeat(255),
        "x".repeat(255),
        "…",
      ];
      for (const name of odd) await writeFile(Buffer.concat([Buffer.from(`${home}/`), nameBytes(name)]), name);
      const { entries } = await ada.list("~");
      assert.equal(entries.length, odd.length + 1);
      for (const entry of entries)
        assert.doesNotMatch(
          entry.name,
          /[\u0000-\u001f\u007f-\u009f\udc80-\udcff]/,
          "a listing line can be shown as it is",
        );
      for (const [index, name] of odd.entries()) {
        const path = `/home/ada/${decodeName(nameBytes(name))}`;
        assert.equal((await ada.readText(path)).text, name);
        await ada.writeText(path, "changed", { overwrite: true });
        await ada.rename(path, `${index}.py`);
        await refuses("file-not-found", ada.stat(path));
        await ada.remove(`${index}.py`);
      }
      assert.deepEqual(await readdir(home), ["welcome.py"]);
    }),
  );

  it(
    "deletes folders nested far deeper than any path reaches, and holds few descriptors open",
    withFiles(async ({ ada, home }) => {
      const program =
        "import os,sys\nos.chdir(sys.argv[1])\nfor i in range(1500):\n  os.mkdir('d'); os.chdir('d'); open('f','w').close()";
      execFileSync("/usr/bin/python3", ["-I", "-c", program, home]);
      await refuses("quota-exceeded", ada.writeText("a.py", "x"), /can't be counted/);
      await refuses("too-deep", ada.list("d/".repeat(65)));
      await ada.remove("d", { recursive: true });
      assert.deepEqual(await readdir(home), ["welcome.py"]);
      await ada.writeText("a.py", "x");
    }),
  );

  it(
    "shows a part of a folder with ten thousand files, and deletes it",
    withFiles(async ({ ada, home }) => {
      const program =
        "import os,sys\nos.makedirs(sys.argv[1])\nfor i in range(10000): open(f'{sys.argv[1]}/{i}','w').close()";
      execFileSync("/usr/bin/python3", ["-I", "-c", program, join(home, "many")]);
      const { entries, truncated } = await ada.list("many");
      assert.deepEqual([entries.length, truncated], [2000, true]);
      await refuses("quota-exceeded", ada.copy("many", "more"));
      await ada.remove("many", { recursive: true });
      assert.deepEqual(await readdir(home), ["welcome.py"]);
    }),
  );
});

/** Names of one byte a character where that is possible: "\xe9" is the byte e9, which is not UTF-8. */
function nameBytes(name: string): Buffer {
  return /^[\u0000-\u00ff]*$/.test(name) ? Buffer.from(name, "latin1") : Buffer.from(name);
}
