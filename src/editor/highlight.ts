/**
 * The lexed lines of a document, cached so that a keystroke costs one line and a few look-ups.
 *
 * Two caches. Lines are remembered by their text and the state in which they begin, so that nothing has to be shifted
 * when lines are inserted or deleted, and an identical object means that nothing changed. The state at a line is found
 * from anchors: line numbers with a known state; a change drops those below it.
 */

import type { Text } from "@codemirror/state";
import { startState } from "./lexer-state.ts";
import type { LexerState } from "./lexer-state.ts";
import { lexLine, maxLexed } from "./lexer.ts";
import type { LexedLine } from "./lexer.ts";
import type { Language } from "./types.ts";

/** Lines in each of two generations: more than a tall screen shows. At about 500 bytes each, 300 KB at most. */
const generationLines = 320;
/** Most lines walked to find a state; farther away it is guessed. 2000 lines take about 4 ms. */
const maxWalkLines = 2000;
/** Lines before a far line at which the guess begins: most strings over several lines are shorter. */
const guessLines = 300;
/** Lines between two anchors. */
const anchorStep = 64;
/** Most anchors; beyond, every second one is dropped. */
const maxAnchors = 4096;
/** Shortest walk, in lines, that leaves an anchor. */
const minWalkLines = 4;

interface Anchor {
  readonly line: number;
  readonly state: LexerState;
}

/** A line at which code surely begins: no line of prose starts like this. */
const surelyCode = /^(?:def \w+\(|class \w+[(:]|import \w|from \w+ import |@\w|if __name__)/;

/** The lexed lines of one document. */
export class Highlighter {
  readonly language: Language;
  #young = new Map<LexerState, Map<string, LexedLine>>();
  #old = new Map<LexerState, Map<string, LexedLine>>();
  #youngSize = 0;
  #long: LexedLine | undefined;
  #anchors: Anchor[] = [{ line: 1, state: startState }];

  constructor(language: Language) {
    this.language = language;
  }

  /** Lexes a line that begins in a state; the same object as long as it is remembered. */
  lex(text: string, start: LexerState): LexedLine {
    if (text.length > maxLexed) return this.#lexLong(text, start);
    const young = this.#young.get(start)?.get(text);
    if (young) return young;
    const line = this.#old.get(start)?.get(text) ?? lexLine(this.language, text, start);
    this.#remember(line, text, start);
    return line;
  }

  /** A line of a document, by its number from 1. */
  line(doc: Text, number: number): LexedLine {
    return this.lex(doc.line(number).text, this.stateAt(doc, number));
  }

  /** The lines `from` to `to`, both included, from 1, in one pass. */
  lines(doc: Text, from: number, to: number): readonly LexedLine[] {
    const found: LexedLine[] = [];
    let state = this.stateAt(doc, from);
    for (const text of doc.iterLines(from, to + 1)) {
      const line = this.lex(text, state);
      found.push(line);
      state = line.end;
    }
    return found;
  }

  /**
   * The state in which a line (from 1) begins. Exact while somebody reads and types; after a jump over more than 2000
   * lines it is found from lines shortly before, which a longer string can deceive.
   */
  stateAt(doc: Text, number: number): LexerState {
    if (this.language === "plain") return startState;
    const index = this.#anchorIndex(number);
    const anchor = this.#anchors[index] ?? { line: 1, state: startState };
    const distance = number - anchor.line;
    if (distance > maxWalkLines) return this.#walk(doc, this.#guess(doc, number), number, index + 1);
    return this.#walk(doc, anchor, number, index + 1);
  }

  /** Notes that the text has changed from this line (from 1) on. */
  changed(line: number): void {
    const keep = this.#anchorIndex(line) + 1;
    if (keep < this.#anchors.length) this.#anchors.length = keep;
  }

  /** Walks from an anchor to a line, and leaves anchors on the way, at `insertAt` in their list. */
  #walk(doc: Text, from: Anchor, number: number, insertAt: number): LexerState {
    let { state } = from;
    if (from.line === number) return state;
    const found: Anchor[] = [];
    const remember = number - from.line <= minWalkLines;
    let line = from.line;
    for (const text of doc.iterLines(from.line, number)) {
      state = (remember ? this.lex(text, state) : lexLine(this.language, text, state)).end;
      line++;
      if (!remember && (line === number || (line - from.line) % anchorStep === 0)) found.push({ line, state });
    }
    if (found.length > 0) this.#anchors.splice(insertAt, 0, ...found);
    if (this.#anchors.length > maxAnchors) this.#anchors = this.#anchors.filter((_, index) => index % 2 === 0);
    return state;
  }

  #guess(doc: Text, number: number): Anchor {
    let line = Math.max(1, number - guessLines);
    for (const text of doc.iterLines(line, number)) {
      if (surelyCode.test(text)) return { line, state: startState };
      line++;
    }
    return { line: Math.max(1, number - guessLines), state: startState };
  }

  /** The last anchor at or before a line; the first is always at line 1. */
  #anchorIndex(number: number): number {
    let low = 0;
    let high = this.#anchors.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#anchors[middle]?.line ?? 0) <= number) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** Long lines are too large to remember many; the last one is enough for a screen that shows one. */
  #lexLong(text: string, start: LexerState): LexedLine {
    if (this.#long?.text !== text || this.#long.start !== start) this.#long = lexLine(this.language, text, start);
    return this.#long;
  }

  #remember(line: LexedLine, text: string, start: LexerState): void {
    if (this.#youngSize >= generationLines) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#youngSize = 0;
    }
    let lines = this.#young.get(start);
    if (!lines) this.#young.set(start, (lines = new Map()));
    lines.set(text, line);
    this.#youngSize++;
  }
}
