/** What the lexer carries from line to line, and the numbers of styles. */

import type { Style } from "./types.ts";

/** 0 in code, otherwise the bits of the open string (see `StringState`). */
export type LexerState = number;

/** Bits of a `LexerState` inside a string. */
export const StringState = { inside: 1, double: 2, triple: 4, format: 8 } as const;

/** The state at the start of a text. */
export const startState: LexerState = 0;

/** The quote of the string that a state is in. */
export function quoteOf(state: LexerState): '"' | "'" {
  return state & StringState.double ? '"' : "'";
}

/** The styles, by the numbers in a line's marks. */
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
