/** Each scenario of the bench works, from its command line to its last figure. What the figures are says nothing here. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { scenarioNames } from "../../bench/options.ts";
import type { ScenarioReport } from "../../bench/report.ts";

const program = fileURLToPath(new URL("../../bench/main.ts", import.meta.url));

async function bench(words: readonly string[]): Promise<{ status: number | null; output: string; errors: string }> {
  const child = spawn(process.execPath, ["--import", import.meta.resolve("tsx"), program, ...words], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  let errors = "";
  child.stdout.on("data", (data: Buffer) => void (output += data.toString()));
  child.stderr.on("data", (data: Buffer) => void (errors += data.toString()));
  const status = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { status, output, errors };
}

describe("the bench", () => {
  it("runs each of its scenarios, and each of their figures has a value", async () => {
    const { status, output, errors } = await bench(["--quick", ...scenarioNames]);
    assert.equal(status, 0, `${output}\n${errors}`);
    const { reports } = JSON.parse(output.trimEnd().split("\n").at(-1) ?? "") as { reports: readonly ScenarioReport[] };
    assert.deepEqual(
      reports.map(({ scenario }) => scenario),
      scenarioNames,
    );
    for (const { scenario, rows } of reports) {
      assert.ok(rows.length > 0, scenario);
      for (const { what, classh } of rows) assert.ok(Number.isFinite(classh), `${scenario}, ${what}: ${classh}`);
    }
  }).timeout(1_800_000);
});
