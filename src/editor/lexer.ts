/**
 * Cuts one line into styled runs, knowing only in which string the line begins. That is all that colours, brackets and
 * indentation need while typing: a full parse costs 200 to 2600 us a key, this costs about one.
 */

import { startState, styles } from "./lexer-state.ts";
import type { LexerState } from "./lexer-state.ts";
import { PythonScanner } from "./python-scanner.ts";
import type { Language, Span } from "./types.ts";

/** Longer lines are data rather than code: what follows this many units keeps the plain colour. */
export const maxLexed = 4000;

/** One line, cut. */
export interface LexedLine {
  readonly text: string;
  readonly start: LexerState;
  /** What the next line starts with. */
  readonly end: LexerState;
  /** The string that is open after the last character, also one that its line end cuts off. */
  readonly open: LexerState;
  /** The last character belongs to a comment. */
  readonly comment: boolean;
  /** Runs of one style, without gaps: end offset, index into `styles`, end offset, ... Flat, because it is kept for many lines. */
  readonly marks: readonly number[];
  /** Offsets of brackets in code, ascending. */
  readonly brackets: readonly number[];
}

const noBrackets: readonly number[] = [];

/** Cuts a line that begins in a state. */
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

/** The runs of a line in words. */
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
