/** What Python accepts without a word, and what surprises later: for whoever asks for an explanation and had no error. */
import type { Explanation } from "./explanation.ts";

/** A place in a text that often is a mistake. */
export interface Pitfall {
  /** From 1. */
  readonly line: number;
  readonly source: string;
  readonly explanation: Explanation;
}

/** Most lines that are looked at. */
const maxLines = 2000;
const maxWidth = 400;

type Check = (source: string) => Explanation | undefined;

const mutableDefault: Check = (source) => {
  const [, name, parameter, value] =
    /^\s*(?:async )?def (\w+)\(.*?\b(\w+)(?:\s*:[^,=]+)?\s*=\s*(\[\]|\{\}|list\(\)|dict\(\)|set\(\))/.exec(source) ??
    [];
  if (parameter === undefined) return undefined;
  return {
    what: `${parameter}=${value} is made once, and all calls of ${name ?? "the function"}() share it.`,
    why: ["What one call puts into it, the next one finds there."],
    tries: [`Write ${parameter}=None, and in the function: if ${parameter} is None: ${parameter} = ${value}`],
  };
};

const notCalled: Check = (source) => {
  const [, call] =
    /^\s*((?:\w+\.)*(?:main|close|append|sort|clear|read|write|start|run|lower|upper|strip))\s*(?:#.*)?$/.exec(
      source,
    ) ?? [];
  if (call === undefined) return undefined;
  return {
    what: `${call} alone does nothing: it names a function, and does not call it.`,
    tries: [`Write ${call}() with parentheses.`],
  };
};

const uselessComparison: Check = (source) => {
  const [, name, value] = /^\s*(\w+)\s*==\s*([^=].*?)\s*(?:#.*)?$/.exec(source) ?? [];
  if (name === undefined || value === undefined || value.endsWith(":")) return undefined;
  return {
    what: `${name} == ${value} compares, and nobody looks at the result.`,
    tries: [`To give ${name} a value, write ${name} = ${value}`],
  };
};

const bareOr: Check = (source) => {
  const [, name, value] =
    /^\s*(?:if|while|elif)\s+(\w+)\s*==\s*("[^"]*"|'[^']*'|\d+)\s+or\s+(?:"[^"]*"|'[^']*'|\d+)\s*:/.exec(source) ?? [];
  if (name === undefined) return undefined;
  return {
    what: "This condition is always true.",
    why: [`Python reads it as (${name} == ${value}) or ..., and what stands alone behind or counts as true.`],
    tries: [`Write ${name} in (${value}, ...): or repeat the comparison: ${name} == ${value} or ${name} == ...`],
  };
};

const checks: readonly Check[] = [mutableDefault, notCalled, uselessComparison, bareOr];

/** The first pitfall of a program's text; undefined when there is none that is known. */
export function pitfallIn(lines: Iterable<string>): Pitfall | undefined {
  let line = 0;
  for (const source of lines) {
    if (++line > maxLines) return undefined;
    if (source.length > maxWidth) continue;
    for (const check of checks) {
      const explanation = check(source);
      if (explanation) return { line, source, explanation };
    }
  }
  return undefined;
}
