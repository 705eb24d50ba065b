import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const module = new URL("../../src/base/program-file.ts", import.meta.url).href;

describe("programs of our own", () => {
  it("are profiled when the process that starts them is", async () => {
    const directory = await mkdtemp(join(tmpdir(), "classh-profile-"));
    try {
      const flags = ["--cpu-prof", `--cpu-prof-dir=${directory}`];
      // Translated before, as in a run of the whole suite, it needs none.
      const tsx = module.endsWith(".ts") ? ["--import", import.meta.resolve("tsx")] : [];
      const code = `import { programFile } from "${module}";
        console.log(JSON.stringify(programFile("server/worker").execArgv));`;
      const words = [...flags, "--no-warnings", ...tsx, "--input-type=module", "-e", code];
      const { stdout } = await promisify(execFile)(process.execPath, words);
      assert.deepEqual(JSON.parse(stdout), [...flags, ...tsx]);
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});
