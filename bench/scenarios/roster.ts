/** A term's start: what a list of people costs. */
import type { Scope } from "../../src/base/scope.ts";
import type { RosterFigures } from "../clients/roster.ts";
import type { BenchOptions } from "../options.ts";
import type { ScenarioReport } from "../report.ts";
import { measureCoordination } from "../servers/coordination.ts";

export async function roster(parent: Scope, options: BenchOptions): Promise<ScenarioReport> {
  await using scope = parent.child("roster");
  const figures = await measureCoordination<RosterFigures>(scope, "roster", options);
  const { read, apply, hash, audit, again, people } = figures;
  return {
    scenario: "roster",
    title: `roster: ${people} people imported into an empty database`,
    rows: [
      { what: "all of it", unit: "ms", classh: read + apply + audit },
      { what: "of that hashing", unit: "ms", classh: hash },
      { what: "the same list again", unit: "ms", classh: read + again },
    ],
    details: figures,
  };
}
