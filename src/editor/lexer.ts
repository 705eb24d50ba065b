/**
 * Cuts a line into styled runs, given the string in which it begins. Colours, brackets and indentation need nothing
 * else while somebody types: a full parse costs 200 to 2600 us a key, this about one.
 */

import { startState, styles } from "./lexer-state.ts";
import type { LexerState } from "./lexer-state.ts";
import { PythonScanner } from "./python-scanner.ts";
import type { Language, Span } from "./types.ts";

/** Longest line, in UTF-16 units, that is lexed to its end: longer ones are data, and the rest stays plain. */
export const maxLexed = 4000;

/** A lexed line. */
export interface LexedLine {
  readonly text: string;
  /** The state in which the line begins. */
  readonly start: LexerState;
  /** The state in which the next line begins. */
  readonly end: LexerState;
  /** The string that is open after the last character, also one that the line end cuts off. */
  readonly open: LexerState;
  /** Whether the last character belongs to a comment. */
  readonly comment: boolean;
  /**
   * The runs of one style, without gaps: end offset, index into `styles`, end offset, ... Flat, because many lines are
   * kept.
   */
  readonly marks: readonly number[];
  /** The offsets of brackets in code, ascending. */
  readonly brackets: readonly number[];
}

const noBrackets: readonly number[] = [];

/** Lexes a line that begins in a state. */
export function lexLine(language: Language, text: string, start: LexerState): LexedLine {
  if (language === "plain") {
    return {
      text,
      start: startState,
      end: startState,
      open: startState,
      comment: false,
      marks: text ? [text.length, 0] : [],
      brackets: noBrackets,
    };
  }
  const scanner = new PythonScanner(text.length > maxLexed ? text.slice(0, maxLexed) : text, start);
  const { end, open, comment, marks, brackets } = scanner.scan();
  if (text.length > maxLexed) marks.push(text.length, 0);
  return { text, start, end, open, comment, marks, brackets };
}

/** The runs of a line with named styles. */
export function spansOf(line: LexedLine): readonly Span[] {
  const spans: Span[] = [];
  let from = 0;
  for (let i = 0; i < line.marks.length; i += 2) {
    const to = line.marks[i] ?? from;
    spans.push({ from, to, style: styles[line.marks[i + 1] ?? 0] ?? "text" });
    from = to;
  }
  return spans;
}
