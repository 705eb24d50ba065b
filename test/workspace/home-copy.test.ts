import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { chmod, lstat, mkdir, readdir, readFile, rename, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { sweepCopies, type HomeCopy } from "../../src/workspace/home-copy.ts";
import { refuses, withFiles, type Files } from "./fixture.ts";

/** Everything below a directory, as "a/b.py". */
const below = async (directory: string): Promise<string[]> =>
  (await readdir(directory, { recursive: true })).toSorted();

async function withCopy({ workspaces }: Files, work: (copy: HomeCopy) => Promise<void>): Promise<void> {
  await using copy = await workspaces.copyHome("ada");
  await work(copy);
}

describe("a copy of a home", () => {
  it(
    "has the files and folders, and nothing that is a link or special; disposing removes it",
    withFiles(async (files) => {
      const { home, outside } = files;
      await mkdir(join(home, "data"));
      await writeFile(join(home, "data", "a.txt"), "one");
      await symlink("/etc/passwd", join(home, "link"));
      await symlink(home, join(home, "loop"));
      execFileSync("mkfifo", [join(home, "pipe")]);
      await withCopy(files, async (copy) => {
        assert.deepEqual(await below(copy.directory), ["data", "data/a.txt", "welcome.py"]);
        assert.equal(await readFile(join(copy.directory, "data", "a.txt"), "utf8"), "one");
        await writeFile(join(copy.directory, "data", "a.txt"), "two");
        assert.equal(await readFile(join(home, "data", "a.txt"), "utf8"), "one");
      });
      assert.deepEqual(await below(join(outside, "copies")), []);
    }),
  );

  it(
    "keeps what files may do, and leaves out what their owner can't read either",
    withFiles(async (files) => {
      const { home } = files;
      await writeFile(join(home, "run.sh"), "#!/bin/sh\n");
      await chmod(join(home, "run.sh"), 0o755);
      await writeFile(join(home, "fixed.txt"), "x");
      await chmod(join(home, "fixed.txt"), 0o444);
      await withCopy(files, async (copy) => {
        const modes = execFileSync(
          "stat",
          ["-c", "%a", join(copy.directory, "run.sh"), join(copy.directory, "fixed.txt")],
          { encoding: "utf8" },
        );
        assert.equal(modes, "755\n444\n");
      });
    }),
  );

  it(
    "is not made where the account has no room left for it, also where files have holes, and leaves nothing then",
    withFiles(
      async (files) => {
        const { workspaces, home, outside } = files;
        for (const name of ["a", "b", "c"]) {
          await writeFile(join(home, name), "");
          await truncate(join(home, name), 5 << 20);
        }
        await refuses("quota-exceeded", workspaces.copyHome("ada"));
        assert.deepEqual(await below(join(outside, "copies")), []);
      },
      { limits: { workspaceMebibytes: 10 } },
    ),
  );

  it(
    "is removed also where a program has taken every permission off a folder in it, and swept after a crash",
    withFiles(async (files) => {
      const { workspaces, outside } = files;
      const copy = await workspaces.copyHome("ada");
      await mkdir(join(copy.directory, "shut", "in"), { recursive: true });
      await writeFile(join(copy.directory, "shut", "in", "x"), "");
      await chmod(join(copy.directory, "shut", "in"), 0);
      await chmod(join(copy.directory, "shut"), 0);
      // The process that had it is killed: nobody disposes of it.
      await sweepCopies(join(outside, "copies"));
      assert.ok(!(await readdir(outside)).includes("copies"));
      await copy[Symbol.asyncDispose]();
    }),
  );

  it(
    "tells what was written also in a folder that the program closed",
    withFiles(async (files) => {
      await withCopy(files, async (copy) => {
        await mkdir(join(copy.directory, "shut"));
        await writeFile(join(copy.directory, "shut", "new.txt"), "x");
        await chmod(join(copy.directory, "shut"), 0);
        const { files: written, complete } = await copy.written();
        assert.deepEqual(
          { paths: written.map(({ path }) => path), complete },
          { paths: ["shut/new.txt"], complete: true },
        );
      });
    }),
  );

  it(
    "can be kept in a home with a folder that nobody may enter: it is counted with what is in it",
    withFiles(async (files) => {
      const shut = join(files.home, "shut");
      await mkdir(join(shut, "in"), { recursive: true });
      await writeFile(join(shut, "in", "x.txt"), "x");
      await chmod(join(shut, "in"), 0o300);
      await chmod(shut, 0);
      await files.ada.writeBytes("new.txt", Buffer.from("kept"));
      assert.equal(await readFile(join(files.home, "new.txt"), "utf8"), "kept");
      assert.equal(await readFile(join(shut, "in", "x.txt"), "utf8"), "x");
    }),
  );

  it(
    "tells what was written on it, new or changed, and from which version",
    withFiles(async (files) => {
      const { home } = files;
      await mkdir(join(home, "data"));
      for (const name of ["same.txt", "changed.txt", "gone.txt"]) await writeFile(join(home, "data", name), name);
      await withCopy(files, async (copy) => {
        assert.deepEqual(await copy.written(), { files: [], complete: true });
        const data = join(copy.directory, "data");
        await writeFile(join(data, "changed.txt"), "other");
        await rm(join(data, "gone.txt"));
        await writeFile(join(data, "new.txt"), "1234");
        await symlink("/etc/passwd", join(data, "planted"));
        await rename(join(copy.directory, "welcome.py"), join(copy.directory, "moved.py"));
        const { files: written } = await copy.written();
        assert.deepEqual(
          written.map(({ path, from }) => `${path} ${from === undefined ? "new" : "changed"}`).toSorted(),
          ["data/changed.txt changed", "data/new.txt new", "moved.py new"],
        );
        const changed = written.find(({ path }) => path === "data/changed.txt");
        assert.equal(changed?.from, (await files.ada.stat("data/changed.txt")).stamp);
      });
    }),
  );

  describe("of thousands of files", () => {
    it(
      "is the same in every byte, mode and name, and holds nobody up meanwhile",
      withLargeHome(async (files) => {
        const { home, workspaces } = files;
        await chmod(join(home, "d1"), 0o750);
        await chmod(join(home, "d2"), 0o500);
        await chmod(join(home, "d3", "f3"), 0o754);
        await writeFile(Buffer.concat([Buffer.from(`${home}/not-`), Buffer.of(0xff), Buffer.from("-text")]), "x");
        await writeFile(join(home, "large"), Buffer.alloc(300_000, "large"));
        await writeFile(join(home, "empty"), "");
        await symlink("/etc/passwd", join(home, "d4", "link"));
        await using copying = new Busy(home);
        await using copy = await workspaces.copyHome("ada");
        assert.ok(copying.answers > 10, `only ${copying.answers} answers`);
        await rm(join(home, "d4", "link"));
        assert.equal(listing(copy.directory), listing(home).replace("d2 500", "d2 700"));
        execFileSync("diff", ["-r", home, copy.directory]);
        assert.deepEqual(await copy.written(), { files: [], complete: true });
        await chmod(join(home, "d2"), 0o700);
      }),
    );

    it(
      "is given up in the middle: nothing of it is left",
      withLargeHome(async ({ workspaces, outside }) => {
        const leaving = new AbortController();
        const counts: number[] = [];
        const onProgress = (count: number): void => {
          counts.push(count);
          leaving.abort();
        };
        await assert.rejects(workspaces.copyHome("ada", { signal: leaving.signal, onProgress }), {
          name: "AbortError",
        });
        assert.ok((counts[0] ?? 0) > 0 && (counts.at(-1) ?? 0) < 2000, `copied ${counts.join(", ")}`);
        assert.deepEqual(await below(join(outside, "copies")), []);
        await assert.rejects(workspaces.copyHome("ada", { signal: leaving.signal }), { name: "AbortError" });
        await using copy = await workspaces.copyHome("ada");
        assert.equal((await below(copy.directory)).length, 2021);
      }),
    );

    it(
      "is one of several, which take turns",
      withLargeHome(async ({ workspaces, outside }) => {
        const copies = await Promise.all(Array.from({ length: 5 }, () => workspaces.copyHome("ada")));
        for (const copy of copies) assert.equal((await below(copy.directory)).length, 2021);
        await Promise.all(copies.map((copy) => copy[Symbol.asyncDispose]()));
        assert.deepEqual(await below(join(outside, "copies")), []);
      }),
    );
  });

  it(
    "is refused where a program has shut the home, and says what to do",
    withFiles(async ({ workspaces, home }) => {
      await chmod(home, 0);
      await refuses("unreadable", workspaces.copyHome("ada"), /logs in/);
      await chmod(home, 0o700);
    }),
  );

  it(
    "leaves out what a program in the home swaps for links and pipes all the time",
    withFiles(async (files) => {
      const { home, workspaces } = files;
      const swapping = spawn(
        "/bin/sh",
        [
          "-c",
          "while :; do for n in 1 2 3 4 5 6 7 8; do rm -rf s$n; ln -s /etc/passwd s$n; rm -f s$n; mkfifo s$n; rm -f s$n; echo own > s$n; rm -f s$n; ln -s /etc s$n; rm -f s$n; mkdir s$n; done; done",
        ],
        { cwd: home },
      );
      try {
        for (let round = 0; round < 20; round++) {
          await using copy = await workspaces.copyHome("ada");
          for (const name of await below(copy.directory)) {
            const stats = await lstat(join(copy.directory, name));
            assert.ok(stats.isDirectory() || stats.isFile(), name);
            if (stats.isFile() && name !== "welcome.py")
              assert.ok(["own\n", ""].includes(await readFile(join(copy.directory, name), "utf8")), name);
          }
        }
      } finally {
        swapping.kill("SIGKILL");
        // What the shell had started is done as well by then: it has the same pipes.
        await once(swapping, "close");
      }
    }),
  );
});

/** A home of 2000 files in 20 folders. */
function withLargeHome(test: (files: Files) => Promise<void>): () => Promise<void> {
  return withFiles(
    async (files) => {
      for (let folder = 0; folder < 20; folder++) {
        await mkdir(join(files.home, `d${folder}`));
        for (let file = 0; file < 100; file++)
          writeFileSync(join(files.home, `d${folder}`, `f${file}`), `${folder} ${file}\n`.repeat(file));
      }
      await test(files);
    },
    { limits: { workspaceMebibytes: 100 } },
  );
}

/** Names, modes and sizes of what is below a directory. */
function listing(directory: string): string {
  const lines = execFileSync(
    "find",
    [".", "-mindepth", "1", "(", "-type", "d", "-printf", "%P %m\n", "-o", "-printf", "%P %m %s\n", ")"],
    { cwd: directory, encoding: "latin1" },
  );
  return lines.split("\n").toSorted().join("\n");
}

/** Asks for a file again and again, as others do: counts the answers. */
class Busy implements AsyncDisposable {
  answers = 0;
  #stopped = false;
  readonly #asking: Promise<void>;

  constructor(path: string) {
    this.#asking = this.#ask(path);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true;
    await this.#asking;
  }

  async #ask(path: string): Promise<void> {
    for (; !this.#stopped; this.answers++) await lstat(path);
  }
}
