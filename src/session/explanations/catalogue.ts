/**
 * Explanations of errors, in one catalogue: what, why, and what to try. Each entry says only what the facts bear out;
 * where none fits, Python's own words stand, with the values of the line.
 */
import { shownFact, type ErrorFacts } from "../../runner/error-facts.ts";
import type { Outcome } from "../../runner/outcome.ts";
import { sentences, type Explainer, type Explanation } from "./explanation.ts";
import { nameErrors } from "./name-errors.ts";
import { outcomeExplanation, runningErrors } from "./running-errors.ts";
import { syntaxErrors } from "./syntax-errors.ts";
import { typeErrors, valuesOf } from "./type-errors.ts";
import { valueErrors } from "./value-errors.ts";

const catalogue: readonly Explainer[] = [
  ...syntaxErrors,
  ...nameErrors,
  ...typeErrors,
  ...valueErrors,
  ...runningErrors,
];

/** The explanation of a failure, fit to be shown; undefined where there is nothing to say. */
export function explainError(facts: ErrorFacts | undefined, outcome?: Outcome): Explanation | undefined {
  const byOutcome = outcome && outcomeExplanation(outcome, facts);
  const found = byOutcome ?? (facts && (entryFor(facts) ?? plain(facts)));
  return found && shownExplanation(found);
}

/** A few words about a mistake in the text, for the sentence after a run. */
export function briefly(facts: ErrorFacts | undefined): string | undefined {
  const brief = facts && entryFor(facts)?.brief;
  return brief === undefined ? undefined : shownFact(brief);
}

function entryFor(facts: ErrorFacts): Explanation | undefined {
  for (const entry of catalogue) {
    const found = entry(facts);
    if (found) return found;
  }
  return undefined;
}

/** What can be said of any error. */
function plain(facts: ErrorFacts): Explanation {
  const { name, message, through } = facts;
  return {
    what: message ? `Python says: ${message}` : `The error ${name} ended the program.`,
    why: sentences(
      through !== undefined && `It happened inside ${through}(), which this line called with values that did not fit.`,
      ...valuesOf(facts),
    ),
    tries: [
      "Look at the values in this line: print them just before it.",
      "Read the last line of what Python printed, and look that error up.",
    ],
  };
}

function shownExplanation({ what, why, tries, brief }: Explanation): Explanation {
  return {
    what: shownFact(what),
    why: why?.map(shownFact),
    tries: tries.map(shownFact),
    ...(brief !== undefined && { brief: shownFact(brief) }),
  };
}
