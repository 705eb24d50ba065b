import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { countUsage, type Usage, type UsageQuestion } from "../../src/runner/broker/usage.ts";

function counted(question: UsageQuestion): Usage {
  for (const walk = countUsage(question); ; ) {
    const step = walk.next();
    if (step.done) return step.value;
  }
}

describe("the count of what a program keeps", () => {
  it("takes for new whatever was made since, though the kernel's times of files are behind", async () => {
    const directory = await mkdtemp(join(tmpdir(), "classh-usage-"));
    try {
      for (let round = 0; round < 100; round++) {
        const since = Date.now();
        await writeFile(join(directory, `${round}`), "");
        const { newEntries } = counted({ directories: [directory], since, mostEntries: 1000 });
        assert.ok(newEntries >= 1, `round ${round}`);
      }
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});
