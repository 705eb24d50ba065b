import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { measureUsage } from "../../src/runner/broker/usage.ts";

describe("the count of what a program keeps", () => {
  it("takes for new whatever was made since, though the kernel's times of files are behind", async () => {
    const directory = await mkdtemp(join(tmpdir(), "classh-usage-"));
    try {
      for (let round = 0; round < 100; round++) {
        const since = Date.now();
        await writeFile(join(directory, `${round}`), "");
        const { newEntries } = await measureUsage([directory], since, () => false);
        assert.ok(newEntries >= 1, `round ${round}`);
      }
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});
