/** Each scenario of the bench works, from its command line to its last figure. What the figures are says nothing here. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { scenarioNames } from "../../bench/options.ts";
import type { ScenarioReport } from "../../bench/report.ts";
import { loader } from "../support/program.ts";

const program = fileURLToPath(new URL("../../bench/main.ts", import.meta.url));

/** One that every machine has, and one that only some have: then its columns say so. */
const fewPeers = ["--vs", "ssh2-echo", "--vs", "sshd-nano"];

async function bench(words: readonly string[]): Promise<{ status: number | null; output: string; errors: string }> {
  const child = spawn(process.execPath, [...loader, program, ...words], {
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
    const { status, output, errors } = await bench(["--quick", ...fewPeers, ...scenarioNames]);
    assert.equal(status, 0, `${output}\n${errors}`);
    const { reports } = JSON.parse(output.trimEnd().split("\n").at(-1) ?? "") as { reports: readonly ScenarioReport[] };
    assert.deepEqual(
      reports.map(({ scenario }) => scenario),
      scenarioNames,
    );
    const echo = reports.find(({ scenario }) => scenario === "echo");
    assert.ok(echo?.rows.every(({ what, peers = {} }) => what.startsWith("Python") || "ssh2 echo" in peers));
    for (const { scenario, rows } of reports) {
      assert.ok(rows.length > 0, scenario);
      for (const { what, classh, peers = {} } of rows)
        for (const [name, figure] of Object.entries({ classh, ...peers }))
          assert.ok(Number.isFinite(figure), `${scenario}, ${what}, ${name}: ${figure}`);
    }
  }).timeout(1_800_000);

  it("profiles each process of a server", async () => {
    const directory = await mkdtemp(join(tmpdir(), "classh-profiles-"));
    try {
      const words = ["echo", "--quick", "--vs", "none", "--sessions", "1", "--workers", "2", "--profile", directory];
      const { status, output, errors } = await bench(words);
      assert.equal(status, 0, `${output}\n${errors}`);
      const names = (await readdir(directory)).filter((name) => !name.includes("thread"));
      assert.deepEqual(names.map((name) => name.replace(/\d+/, "PID")).toSorted(), [
        "broker-PID.cpuprofile",
        "broker-PID.cpuprofile",
        "primary-PID.cpuprofile",
        "worker-PID.cpuprofile",
        "worker-PID.cpuprofile",
      ]);
    } finally {
      await rm(directory, { recursive: true });
    }
  }).timeout(600_000);
});
