import assert from "node:assert/strict";
import { mkdir, rename, rm, symlink, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { FileChange, Workspace } from "../../src/workspace/workspace.ts";
import { withFiles } from "./fixture.ts";

/** Gathers changes; `next` waits for one that fits, among those that came since the last one taken. */
class Changes implements Disposable {
  readonly #watch: ReturnType<Workspace["watch"]>;
  readonly seen: FileChange[] = [];
  #taken = 0;
  #wake: () => void = () => undefined;

  constructor(workspace: Workspace, paths: readonly string[]) {
    this.#watch = workspace.watch(paths, (change) => {
      this.seen.push(change);
      this.#wake();
    });
  }

  static async of(workspace: Workspace, ...paths: readonly string[]): Promise<Changes> {
    const changes = new Changes(workspace, paths);
    await changes.#watch.ready;
    return changes;
  }

  retry(): void {
    this.#watch.retry();
  }

  async next(kind: FileChange["kind"], path: string): Promise<FileChange> {
    for (;;) {
      for (let change = this.seen[this.#taken++]; change; change = this.seen[this.#taken++]) {
        if (change.kind === kind && change.path === path) return change;
      }
      this.#taken = this.seen.length;
      await new Promise<void>((wake) => (this.#wake = wake));
    }
  }

  [Symbol.dispose](): void {
    this.#watch[Symbol.dispose]();
  }
}

describe("watching", () => {
  it(
    "tells when an open file changes, vanishes and comes back, and which save was one's own",
    withFiles(async ({ ada, home }) => {
      const path = "/home/ada/a.py";
      const first = await ada.writeText(path, "1");
      using changes = await Changes.of(ada, path);
      const own = await ada.writeText(path, "2", { expected: first });
      assert.equal((await changes.next("changed", path)).stamp, own);
      await writeFile(join(home, "a.py"), "3");
      assert.notEqual((await changes.next("changed", path)).stamp, own);
      await unlink(join(home, "a.py"));
      await changes.next("removed", path);
      await writeFile(join(home, "a.py"), "4");
      await changes.next("added", path);
    }),
  );

  it(
    "tells of a folder in which something appears, gets another name or vanishes, but not of classh's temporary files",
    withFiles(async ({ ada, home }) => {
      using changes = await Changes.of(ada, "/home/ada");
      await ada.writeText("new.py", "x");
      await changes.next("changed", "/home/ada");
      await rename(join(home, "new.py"), join(home, "caf\u00e9.py"));
      await changes.next("changed", "/home/ada");
      await ada.remove("café.py");
      await changes.next("changed", "/home/ada");
      await ada.createDirectory("data");
      await ada.createFile("moved");
      using quiet = await Changes.of(ada, "/home/ada/data");
      using witness = await Changes.of(ada, "/home/ada");
      await rename(join(home, "moved"), join(home, "data/.classh-1"));
      await witness.next("changed", "/home/ada");
      assert.deepEqual(quiet.seen, []);
    }),
  );

  it(
    "says nothing of other files beside a watched one",
    withFiles(async ({ ada, home }) => {
      await ada.createFile("a.py");
      using changes = await Changes.of(ada, "/home/ada/a.py");
      await writeFile(join(home, "log.txt"), "noise");
      await writeFile(join(home, "a.py"), "1");
      await changes.next("changed", "/home/ada/a.py");
      assert.equal(changes.seen.length, 1);
    }),
  );

  it(
    "follows a folder that is deleted and made again",
    withFiles(async ({ ada, home }) => {
      await ada.createDirectory("data");
      await ada.createFile("data/a.py");
      using changes = await Changes.of(ada, "/home/ada/data/a.py");
      using folder = await Changes.of(ada, "/home/ada/data");
      await rm(join(home, "data"), { recursive: true });
      await changes.next("removed", "/home/ada/data/a.py");
      await folder.next("removed", "/home/ada/data");
      await mkdir(join(home, "data"));
      folder.retry();
      await folder.next("changed", "/home/ada/data");
      await writeFile(join(home, "data/b.py"), "x");
      await folder.next("changed", "/home/ada/data");
    }),
  );

  it(
    "is not led outside by a link in place of a folder",
    withFiles(async ({ ada, home, outside }) => {
      await mkdir(join(outside, "other"));
      await symlink(join(outside, "other"), join(home, "data"));
      using changes = await Changes.of(ada, "/home/ada/data/a.py", "/home/ada/data", "/home/ada/last.py");
      await writeFile(join(outside, "other/a.py"), "secret");
      await writeFile(join(home, "last.py"), "x");
      await changes.next("added", "/home/ada/last.py");
      assert.deepEqual(
        changes.seen.map((change) => change.path),
        ["/home/ada/last.py"],
      );
    }),
  );

  it(
    "tells nothing after it was disposed",
    withFiles(async ({ ada, home }) => {
      const changes = await Changes.of(ada, "/home/ada");
      using witness = await Changes.of(ada, "/home/ada");
      changes[Symbol.dispose]();
      await writeFile(join(home, "a.py"), "x");
      await witness.next("changed", "/home/ada");
      assert.deepEqual(changes.seen, []);
    }),
  );
});
