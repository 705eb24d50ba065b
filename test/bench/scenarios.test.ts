/** Each scenario of the bench works, from its command line to its last figure. What the figures are says nothing here. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { scenarioNames } from "../../bench/options.ts";
import type { ScenarioReport } from "../../bench/report.ts";

const program = fileURLToPath(new URL("../../bench/main.ts", import.meta.url));

async function bench(words: readonly string[]): Promise<{ status: number | null; output: string; errors: string }> {
  const child = spawn(process.execPath, ["--import", import.meta.resolve("tsx"), program, ...words], { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  let errors = "";
  child.stdout.on("data", (data: Buffer) => void (output += data.toString()));
  child.stderr.on("data", (data: Buffer) => void (errors += data.toString()));
  const status = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { status, output, errors };
}

describe("the bench", () => {
  for (const name of scenarioNames) {
    it(`measures ${name}, and each of its figures has a value`, async () => {
      const { status, output, errors } = await bench([name, "--quick"]);
      assert.equal(status, 0, `${output}\n${errors}`);
      const { reports } = JSON.parse(output.trimEnd().split("\n").at(-1) ?? "") as { reports: readonly ScenarioReport[] };
      const rows = reports.flatMap((report) => report.rows);
      assert.ok(rows.length > 0, output);
      for (const { what, classh } of rows) assert.ok(Number.isFinite(classh), `${what}: ${classh}`);
    }).timeout(300_000);
  }
});
