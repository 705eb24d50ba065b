/** What asking a limiter costs. */
import type { Scope } from "../../src/base/scope.ts";
import type { LimitFigures } from "../clients/coordination.ts";
import type { BenchOptions } from "../options.ts";
import type { ScenarioReport } from "../report.ts";
import { measureCoordination } from "../servers/coordination.ts";

export async function limits(parent: Scope, options: BenchOptions): Promise<ScenarioReport> {
  await using scope = parent.child("limits");
  const figures = await measureCoordination<LimitFigures>(scope, "limits", options);
  return {
    scenario: "limits",
    title: "limits: one process, its own PostgreSQL",
    rows: [
      { what: "shared take, median", unit: "ms", classh: figures.take.median },
      { what: "shared take, p99", unit: "ms", classh: figures.take.p99 },
      { what: "60 clients at once, median", unit: "ms", classh: figures.crowded.median },
      { what: "local take, mean", unit: "us", classh: figures.localMicroseconds },
    ],
    details: figures,
  };
}
