/**
 * Find and replace, literally. Regular expressions are not offered: one like `(a+)+$` blocks for minutes, so it would
 * have to run in a worker with a deadline. The expressions built here come from escaped text and take linear time.
 */

import { isolateHistory } from "@codemirror/commands";
import { EditorSelection } from "@codemirror/state";
import type { ChangeSpec, Text } from "@codemirror/state";
import type { TextWindow } from "./text-window.ts";
import type { TextRange } from "./types.ts";

/** What to find. */
export interface SearchQuery {
  /** The text to find, within one line: a text with a line end is never found. */
  readonly text: string;
  /** Whether capitals matter. "smart": only if the text contains a capital. */
  readonly matchCase: boolean | "smart";
  /** Whether only whole words match. */
  readonly wholeWord: boolean;
}

/** The number of matches. */
export interface MatchCount {
  readonly count: number;
  /** Whether there are more than `count`, where counting stopped. */
  readonly more: boolean;
  /** The number of the selected match, from 1; 0 when no counted one is selected. */
  readonly current: number;
}

/** A match that a search selected. */
export interface Found extends TextRange {
  /** Whether the search continued at the other end of the text. */
  readonly wrapped: boolean;
}

/** Most matches counted: on a screen "1000+" says enough. */
export const maxCounted = 1000;
/**
 * Most replacements made as single changes; more become one change of the text, since 100,000 single ones take a second
 * and much memory.
 */
const maxSingleChanges = 5000;
/** Longest query; the find bar holds one line. */
const maxQueryLength = 1000;
/** Lines read at a time when searching backwards. */
const blockLines = 256;

/** A query, and its matches in a document. */
export class Search {
  #query: SearchQuery = { text: "", matchCase: "smart", wholeWord: false };
  #pattern: RegExp | undefined;
  #counted:
    | { readonly doc: Text; readonly pattern: RegExp; readonly starts: readonly number[]; readonly more: boolean }
    | undefined;

  constructor(query: Partial<SearchQuery> = {}) {
    this.setQuery(query);
  }

  get query(): SearchQuery {
    return this.#query;
  }

  /** Changes the given parts of the query. */
  setQuery(query: Partial<SearchQuery>): void {
    this.#query = { ...this.#query, ...query };
    this.#pattern = patternOf(this.#query);
    this.#counted = undefined;
  }

  /** Selects the next match after the selection, continuing at the start. Undefined when there is none. */
  next(document: TextWindow): Found | undefined {
    const { from, to } = document.state.selection.main;
    return this.#select(document, this.#forward(document, this.#isMatch(document, from, to) ? to : document.head));
  }

  /** Selects the match before the selection, continuing at the end. Undefined when there is none. */
  previous(document: TextWindow): Found | undefined {
    return this.#select(document, this.#backward(document, document.state.selection.main.from));
  }

  /** Selects the match at or after an offset, for searching while the query is typed. Undefined when there is none. */
  from(document: TextWindow, offset: number): Found | undefined {
    return this.#select(document, this.#forward(document, offset));
  }

  /** The number of matches, cached until the text or the query changes. */
  count(document: TextWindow): MatchCount {
    const { doc, selection } = document.state;
    const pattern = this.#pattern;
    if (!pattern) return { count: 0, more: false, current: 0 };
    if (this.#counted?.doc !== doc || this.#counted.pattern !== pattern) {
      const starts: number[] = [];
      for (const { from } of matches(doc, pattern, 1, doc.lines)) {
        starts.push(from);
        if (starts.length > maxCounted) break;
      }
      this.#counted = { doc, pattern, starts: starts.slice(0, maxCounted), more: starts.length > maxCounted };
    }
    const { starts, more } = this.#counted;
    const { from, to, empty } = selection.main;
    const current = !empty && this.#isMatch(document, from, to) ? starts.indexOf(from) + 1 : 0;
    return { count: starts.length, more, current };
  }

  /** The matches that touch a part of a line, for drawing; all offsets are within the line. */
  matchesInLine(text: string, from = 0, to = text.length): readonly TextRange[] {
    const found: TextRange[] = [];
    if (!this.#pattern) return found;
    const start = Math.max(0, from - this.#query.text.length);
    for (
      let match = nextMatch(this.#pattern, text, start);
      match && match.from < to;
      match = nextMatch(this.#pattern, text, match.to)
    )
      found.push(match);
    return found;
  }

  /**
   * Replaces the selected match and selects the next one; when none is selected, it only does the latter. True when it
   * replaced.
   */
  replace(document: TextWindow, replacement: string): boolean {
    const { from, to } = document.state.selection.main;
    const replaces = !document.readOnly && this.#isMatch(document, from, to);
    if (replaces) {
      const insert = document.state.toText(replacement);
      const selection = EditorSelection.cursor(from + insert.length);
      document.dispatch({
        changes: { from, to, insert },
        selection,
        userEvent: "input.replace",
        annotations: isolateHistory.of("full"),
      });
    }
    this.next(document);
    return replaces;
  }

  /** Replaces every match, as one step of undo. Returns their number. */
  replaceAll(document: TextWindow, replacement: string): number {
    const { doc } = document.state;
    if (document.readOnly || !this.#pattern) return 0;
    const insert = document.state.toText(replacement);
    const changes: ChangeSpec[] = [];
    for (const { from, to } of matches(doc, this.#pattern, 1, doc.lines)) {
      changes.push({ from, to, insert });
      if (changes.length > maxSingleChanges) return this.#replaceMany(document, insert.toString());
    }
    if (changes.length > 0)
      document.dispatch({ changes, userEvent: "input.replace.all", annotations: isolateHistory.of("full") });
    return changes.length;
  }

  #replaceMany(document: TextWindow, replacement: string): number {
    const { doc } = document.state;
    const pattern = this.#pattern;
    if (!pattern) return 0;
    let count = 0;
    const lines: string[] = [];
    for (const text of doc.iterLines()) {
      lines.push(
        text.replace(pattern, () => {
          count++;
          return replacement;
        }),
      );
    }
    const { line, column } = document.cursor;
    const changes = { from: 0, to: doc.length, insert: lines.join("\n") };
    document.dispatch({ changes, userEvent: "input.replace.all", annotations: isolateHistory.of("full") });
    document.setCursor(document.offsetAt(line, column));
    return count;
  }

  #select(document: TextWindow, found: Found | undefined): Found | undefined {
    if (found)
      document.dispatch({
        selection: EditorSelection.single(found.from, found.to),
        userEvent: "select.search",
        scrollIntoView: true,
      });
    return found;
  }

  #isMatch(document: TextWindow, from: number, to: number): boolean {
    if (!this.#pattern || from === to) return false;
    const line = document.state.doc.lineAt(from);
    this.#pattern.lastIndex = from - line.from;
    const match = this.#pattern.exec(line.text);
    return match !== null && match.index === from - line.from && match[0].length === to - from;
  }

  #forward(document: TextWindow, offset: number): Found | undefined {
    const { doc } = document.state;
    if (!this.#pattern) return undefined;
    const first = doc.lineAt(Math.max(0, Math.min(offset, doc.length))).number;
    for (const match of matches(doc, this.#pattern, first, doc.lines))
      if (match.from >= offset) return { ...match, wrapped: false };
    for (const match of matches(doc, this.#pattern, 1, first)) return { ...match, wrapped: true };
    return undefined;
  }

  #backward(document: TextWindow, offset: number): Found | undefined {
    const { doc } = document.state;
    if (!this.#pattern) return undefined;
    const line = doc.lineAt(offset).number;
    const before = lastMatch(doc, this.#pattern, { first: 1, last: line, before: offset });
    if (before) return { ...before, wrapped: false };
    const after = lastMatch(doc, this.#pattern, { first: line, last: doc.lines, before: doc.length + 1 });
    return after && { ...after, wrapped: true };
  }
}

/** The expression for a query; undefined for one that can't match. */
/** The expression for a query; undefined for one that finds nothing. */
export function patternOf({ text, matchCase, wholeWord }: SearchQuery): RegExp | undefined {
  if (text === "" || /[\r\n]/.test(text)) return undefined;
  const literal = text.slice(0, maxQueryLength).replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
  const sensitive = matchCase === "smart" ? /\p{Lu}/u.test(text) : matchCase;
  const word = "[\\p{L}\\p{N}_]";
  return new RegExp(wholeWord ? `(?<!${word})${literal}(?!${word})` : literal, sensitive ? "gu" : "giu");
}

/** The matches in the lines `first` to `last` (from 1, both included), in order. */
function* matches(doc: Text, pattern: RegExp, first: number, last: number): Generator<TextRange> {
  let { from } = doc.line(first);
  for (const text of doc.iterLines(first, last + 1)) {
    for (let match = nextMatch(pattern, text, 0); match; match = nextMatch(pattern, text, match.to)) {
      yield { from: from + match.from, to: from + match.to };
    }
    from += text.length + 1;
  }
}

/** The next match. The position is kept outside the expression, which another search may use in between. */
function nextMatch(pattern: RegExp, text: string, at: number): TextRange | undefined {
  pattern.lastIndex = at;
  const match = pattern.exec(text);
  return match ? { from: match.index, to: match.index + match[0].length } : undefined;
}

interface Before {
  readonly first: number;
  readonly last: number;
  /** A match must start before this offset. */
  readonly before: number;
}

/** The last match in some lines, reading blocks from the end. */
function lastMatch(doc: Text, pattern: RegExp, { first, last, before }: Before): TextRange | undefined {
  for (let to = last; to >= first; to -= blockLines) {
    let best: TextRange | undefined;
    for (const match of matches(doc, pattern, Math.max(first, to - blockLines + 1), to))
      if (match.from < before) best = match;
    if (best) return best;
  }
  return undefined;
}
