/** What it costs that teachers see sixty active students, and how late they see them. */
import type { Scope } from "../../src/base/scope.ts";
import type { ClassFigures } from "../clients/class.ts";
import type { BenchOptions } from "../options.ts";
import type { ScenarioReport } from "../report.ts";
import { measureCoordination } from "../servers/coordination.ts";

export async function classView(parent: Scope, options: BenchOptions): Promise<ScenarioReport> {
  await using scope = parent.child("class");
  const figures = await measureCoordination<ClassFigures>(scope, "class", options);
  const { typing, writing, viewing } = figures;
  return {
    scenario: "class",
    title: `class: ${figures.students} students who type and run, one process, its own PostgreSQL`,
    rows: [
      { what: "writers, of a core", unit: "%", classh: writing.process - typing.process },
      { what: "writers, PostgreSQL", unit: "%", classh: writing.postgres - typing.postgres },
      { what: "one open view, of a core", unit: "%", classh: viewing.process - writing.process },
      { what: "one open view, PostgreSQL", unit: "%", classh: viewing.postgres - writing.postgres },
      { what: "change to view, median", unit: "ms", classh: figures.lateP50 },
      { what: "change to view, longest", unit: "ms", classh: figures.lateMax },
    ],
    details: figures,
  };
}
