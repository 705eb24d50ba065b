/** Runs on a disk of 2 MiB: `fill-the-disk.ts DIRECTORY`. Prints what happened as JSON. */
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { UserError } from "../../../src/base/errors.ts";
import { Scope } from "../../../src/base/scope.ts";
import { makeFiles } from "../fixture.ts";

await using scope = new Scope("full disk");
const files = await makeFiles(scope, { base: process.argv[2] ?? "" });
const stamp = await files.ada.writeText("a.py", "old ".repeat(50_000));
await writeFile(join(files.home, "filler"), Buffer.alloc(1_500_000));

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return "done";
  } catch (error) {
    return error instanceof UserError ? `${error.code}: ${error.message}. ${error.hint}` : String(error);
  }
}

const full = await codeOf(files.ada.writeText("a.py", "new ".repeat(150_000), { expected: stamp }));
const oldWhole = (await readFile(join(files.home, "a.py"), "utf8")) === "old ".repeat(50_000);
const left = await readdir(files.home);
await files.ada.remove("filler");
const afterwards = await codeOf(files.ada.writeText("a.py", "new ".repeat(150_000), { expected: stamp }));
process.stdout.write(JSON.stringify({ full, oldWhole, left: left.toSorted(), afterwards }));
