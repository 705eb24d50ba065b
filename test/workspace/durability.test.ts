import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { loader } from "../support/program.ts";
import { onSmallDisk } from "../support/small-disk.ts";
import { withFiles } from "./fixture.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const program = (url: URL): readonly string[] => [...loader, fileURLToPath(url)];
const fillTheDisk = fileURLToPath(new URL("programs/fill-the-disk.ts", import.meta.url));
const saveForever = new URL("programs/save-forever.ts", import.meta.url);
const appendLines = new URL("programs/append-lines.ts", import.meta.url);

describe("saving", () => {
  it("leaves the old file whole on a full disk, and nothing else, and works again when there is room", async () => {
    const result = await onSmallDisk<{ full: string; oldWhole: boolean; left: string[]; afterwards: string }>(
      fillTheDisk,
      2,
    );
    assert.match(
      result.full,
      /^disk-full: .*a\.py was not saved, and the old file is unchanged.*Delete what you don't need/s,
    );
    assert.equal(result.oldWhole, true);
    assert.deepEqual(result.left, ["a.py", "filler", "welcome.py"]);
    assert.equal(result.afterwards, "done");
  });

  it(
    "never leaves half a file when the server is killed",
    withFiles(async ({ directory, home }) => {
      for (let round = 0; round < 3; round++) {
        const child = spawn(process.execPath, [...program(saveForever), directory], {
          cwd: root,
          stdio: ["ignore", "pipe", "inherit"],
        });
        let saves = 0;
        child.stdout.on("data", (dots: Buffer) => {
          saves += dots.length;
          if (saves >= 10 + round) child.kill("SIGKILL");
        });
        await once(child, "close");
        assert.equal(child.signalCode, "SIGKILL");
        assert.match(await readFile(join(home, "a.py"), "utf8"), /^(\d)\1{299999}$/);
      }
    }),
  );

  it(
    "loses no line of several processes that write over one file, each over the version that it read",
    withFiles(async ({ directory, home }) => {
      const lines = 100;
      await writeFile(join(home, "a.py"), "");
      const writers = ["ada", "bob", "cy"];
      await Promise.all(
        writers.map((name) =>
          promisify(execFile)(process.execPath, [...program(appendLines), directory, name, String(lines)], {
            cwd: root,
          }),
        ),
      );
      const written = (await readFile(join(home, "a.py"), "utf8")).split("\n");
      for (const name of writers) {
        assert.deepEqual(
          written.filter((line) => line.startsWith(name)),
          Array.from({ length: lines }, (_, index) => `${name} ${index + 1}`),
        );
      }
      assert.deepEqual((await readdir(home)).toSorted(), ["a.py", "welcome.py"]);
    }),
  );
});
