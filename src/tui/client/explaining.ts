/** What the panel says about a failure, or about a text that failed nowhere. */
import { shownFact } from "../../runner/error-facts.ts";
import { explainError } from "../../session/explanations/catalogue.ts";
import { pitfallIn } from "../../session/explanations/pitfalls.ts";
import type { ErrorPlace, Failure } from "../../session/program-errors.ts";
import type { WorkbenchView } from "../../session/workbench-view.ts";
import { shownFileName } from "../../workspace/paths.ts";
import type { ExplanationProps } from "../views/explanation-panel.ts";

/** An explanation with the place that it is about. */
export interface Explained {
  readonly props: ExplanationProps;
  readonly place: ErrorPlace | undefined;
}

/** The explanation of a failure; undefined where there is nothing to say. */
export function explainFailure({ facts, outcome, place }: Failure): Explained | undefined {
  const explanation = explainError(facts, outcome);
  if (!explanation) return undefined;
  const within = facts?.function === undefined ? "" : `, in ${shownFact(facts.function)}()`;
  const wasStopped = facts === undefined || (outcome !== undefined && outcome.kind !== "exited");
  return {
    place,
    props: {
      name: wasStopped ? "stopped" : shownFact(facts.name),
      what: explanation.what,
      where: place && `Line ${place.line} of ${shownFileName(place.path)}${within}`,
      code: facts?.source === undefined ? undefined : codeOf(facts.source, facts.column, facts.endColumn),
      why: explanation.why ?? [],
      tries: explanation.tries,
    },
  };
}

/** What may surprise in the file that is shown. */
export function explainPitfall({ active, editor }: WorkbenchView): Explained | undefined {
  if (!active || editor?.language !== "python") return undefined;
  const found = pitfallIn(editor.state.doc.iterLines());
  if (!found) return undefined;
  const { line, source, explanation } = found;
  return {
    place: { path: active.path, line, column: undefined, endColumn: undefined },
    props: {
      name: "no error, but ...",
      what: shownFact(explanation.what),
      where: `Line ${line} of ${active.fileName}`,
      code: codeOf(source, undefined, undefined),
      why: (explanation.why ?? []).map(shownFact),
      tries: explanation.tries.map(shownFact),
    },
  };
}

/** The line as it is shown, and the part between two characters, counted from 1. */
function codeOf(source: string, column: number | undefined, end: number | undefined): ExplanationProps["code"] {
  const characters = Array.from(source.trimEnd());
  const until = (count: number): string => shownFact(characters.slice(0, count).join(""));
  const text = until(characters.length);
  if (!column || column > characters.length) return { text, from: text.length, to: text.length };
  const last = end && end > column ? end - 1 : column;
  return { text, from: until(column - 1).length, to: until(last).length };
}
