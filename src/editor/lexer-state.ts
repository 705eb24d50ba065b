/** What the lexer carries from line to line, and how it writes down styles. */

import type { Style } from "./types.ts";

/** 0 in code, otherwise the bits of the string that is open (see StringState). */
export type LexerState = number;

/** Bits of a LexerState inside a string. */
export const StringState = { inside: 1, double: 2, triple: 4, format: 8 } as const;

/** At the start of a text nothing is open. */
export const startState: LexerState = 0;

/** The quote of the string that a state is in. */
export function quoteOf(state: LexerState): '"' | "'" {
  return state & StringState.double ? '"' : "'";
}

/** The styles by the numbers that a line's marks use. */
export const styles = [
  "text",
  "keyword",
  "string",
  "number",
  "comment",
  "function",
  "type",
  "builtin",
  "operator",
  "decorator",
  "variable",
  "error",
] as const satisfies readonly Style[];
