import assert from "node:assert/strict";
import { tallies, timings } from "../../src/base/measures.ts";
import { exposition } from "../../src/metrics/exposition.ts";
import { histogramTable, readTable, type Reading } from "../../src/metrics/metric-tables.ts";
import { ProcessMetrics } from "../../src/metrics/process-metrics.ts";
import { readinessOf } from "../../src/metrics/readiness.ts";
import { silentReport, type PartCheck, type ProcessReport } from "../../src/metrics/process-report.ts";
import { promtool } from "./promtool.ts";

const readings: readonly Reading[] = Object.keys(readTable).map((name) => ({
  name: name as Reading["name"],
  value: 3,
}));

async function reportOf(process: string, values: readonly Reading[] = []): Promise<ProcessReport> {
  await using metrics = new ProcessMetrics(process);
  for (const timing of Object.values(timings)) timing.end(timing.start());
  tallies.refusal.add("disk-full");
  return { process, families: await metrics.families(values), checks: [] };
}

describe("the metrics of a process", () => {
  it("are all of the tables, named as Prometheus wants it", async () => {
    const text = await exposition([await reportOf("worker-1", readings)], "text");
    for (const { name } of Object.values(readTable))
      assert.match(text, new RegExp(`^${name}(\\{.*\\})? 3$`, "m"), name);
    for (const [name] of Object.values(histogramTable))
      assert.match(text, new RegExp(`^${name}_count\\{process="worker-1"\\} 1$`, "m"));
    assert.match(text, /^classh_refusals_total\{reason="disk-full",process="worker-1"\} 1$/m);
    assert.match(text, /^classh_process_up\{process="worker-1"\} 1$/m);
    assert.deepEqual(await promtool(["check", "metrics"], text), { status: 0, output: "" });
  });

  it("are not there where nothing was read: that is not 0", async () => {
    const { families } = await reportOf("server", [
      { name: "jails", value: 0 },
      { name: "lease", value: Number.NaN },
    ]);
    const names = families.map(({ name }) => name);
    assert.ok(names.includes("classh_jails"));
    for (const missing of ["classh_lease_age_seconds", "classh_backup_age_seconds", "classh_sessions"])
      assert.ok(!names.includes(missing), missing);
  });

  it("end with the process: nothing is timed any more", async () => {
    await reportOf("server");
    assert.equal(timings.statement.start(), 0);
  });

  it("of several processes are one family each, with the name of the process, but for what is the server's", async () => {
    const reports = [
      await reportOf("worker-1", [
        { name: "jails", value: 1 },
        { name: "diskFree", value: 5 },
      ]),
      await reportOf("worker-2", [{ name: "jails", value: 2 }]),
      silentReport("worker-3"),
    ];
    const text = await exposition(reports, "text");
    assert.equal(text.match(/^# TYPE classh_jails gauge$/gm)?.length, 1);
    assert.match(text, /^classh_jails\{process="worker-1"\} 1\nclassh_jails\{process="worker-2"\} 2$/m);
    assert.match(text, /^classh_disk_free_bytes 5$/m);
    assert.match(text, /^classh_process_up\{process="worker-3"\} 0$/m);
    assert.deepEqual(await promtool(["check", "metrics"], text), { status: 0, output: "" });
    const open = await exposition(reports, "openMetrics");
    assert.match(open, /^# TYPE classh_refusals counter\nclassh_refusals_total\{/m);
    assert.ok(!open.includes("_total_total"));
    assert.ok(open.endsWith("\n# EOF\n"));
    assert.ok(!/^$/m.test(open.slice(0, -1)), "OpenMetrics knows no empty lines");
  });
});

describe("readiness", () => {
  const check = (ok: boolean, needed = true): PartCheck => ({ part: "disk", ok, detail: "almost full", needed });
  const report = (process: string, ...checks: readonly PartCheck[]): ProcessReport => ({
    process,
    families: [],
    checks,
  });

  it("needs one process in which everything that people need works", () => {
    const primary = report("primary");
    assert.equal(readinessOf([primary, report("worker-1", check(true))], false).ready, true);
    assert.equal(
      readinessOf([primary, report("worker-1", check(false)), report("worker-2", check(true))], false).ready,
      true,
    );
    const none = readinessOf([primary, report("worker-1", check(false)), silentReport("worker-2")], false);
    assert.equal(none.ready, false);
    assert.deepEqual(none.troubles, ["worker-1: disk: almost full", "worker-2: process: does not answer"]);
    assert.equal(readinessOf([primary], false).ready, false);
    assert.equal(readinessOf([report("server", check(false, false))], false).ready, true, "a backup keeps nobody out");
    assert.equal(readinessOf([report("server", check(true))], true).ready, false, "it shuts down");
  });
});
