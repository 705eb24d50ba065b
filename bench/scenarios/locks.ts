/** What it costs to hold a file, and how long its locks outlive a server that dies. */
import type { Scope } from "../../src/base/scope.ts";
import type { LockFigures } from "../clients/coordination.ts";
import type { BenchOptions } from "../options.ts";
import type { ScenarioReport } from "../report.ts";
import { measureCoordination } from "../servers/coordination.ts";

export async function locks(parent: Scope, options: BenchOptions): Promise<ScenarioReport> {
  await using scope = parent.child("locks");
  const figures = await measureCoordination<LockFigures>(scope, "locks", options);
  return {
    scenario: "locks",
    title: "locks: one process, its own PostgreSQL",
    rows: [
      { what: "acquire and release, nobody else wants it, median", unit: "ms", classh: figures.both.median },
      { what: "acquire, median", unit: "ms", classh: figures.acquire.median },
      { what: "release, median", unit: "ms", classh: figures.release.median },
      { what: "empty fenced write, median", unit: "ms", classh: figures.fenced.median },
      { what: "60 sessions on 20 files without a pause: cycles", unit: "/s", classh: figures.cyclesPerSecond },
      { what: "the same: acquire, median", unit: "ms", classh: figures.contended.median },
      { what: "500 sessions, once a second each: acquire, median", unit: "ms", classh: figures.paced.median },
      { what: "the same: acquire, p99", unit: "ms", classh: figures.paced.p99 },
      { what: "take-over after a worker's reported death, median", unit: "ms", classh: figures.reportedDeath.median },
      { what: "the same, 200 locks at once", unit: "ms", classh: figures.reportedDeathOf200.median },
      { what: "take-over after kill -9 of another server here, median", unit: "ms", classh: figures.killed.median },
    ],
    details: figures,
  };
}
