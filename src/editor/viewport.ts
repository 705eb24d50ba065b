/**
 * What a screen shows of a document: which lines and columns, and how they are drawn. Only visible lines are touched.
 */

import type { ChangeSet, EditorState, Text } from "@codemirror/state";
import { columnAt, offsetAtColumn } from "./columns.ts";
import { maxLexed } from "./lexer.ts";
import type { LexedLine } from "./lexer.ts";
import type { Participant } from "./participant.ts";
import type { Search } from "./search.ts";
import { windowOf } from "./segments.ts";
import type { Decoration, Segment, Window, WindowedLine } from "./segments.ts";
import type { OtherCursor, TextWindow } from "./text-window.ts";
import type { TextRange } from "./types.ts";

export type { Segment } from "./segments.ts";

/** A row of the screen. The same object as in the last call when nothing about it has changed: compare with ===. */
export interface DrawnLine {
  /** The line number from 1; 0 below the end of the text. */
  readonly number: number;
  /** Whether the cursor is on this line. */
  readonly current: boolean;
  /** The cells, never wider than the viewport; cells right of the last segment are empty. */
  readonly segments: readonly Segment[];
  /** Whether the text continues left or right of what is shown. */
  readonly cutLeft: boolean;
  readonly cutRight: boolean;
  /** Whether the program failed on this line. */
  readonly failed: boolean;
  /** The other participants with cursors on this line. */
  readonly peers: readonly Participant[];
}

/** What is marked in the text, besides the selection and cursors. */
export interface TextMarks {
  /** Marks its matches. */
  readonly search?: Search | undefined;
  /** Where the program failed: a line from 1, and characters from 1 to the one after the last, where they are known. */
  readonly failure?:
    | { readonly line: number; readonly column: number | undefined; readonly endColumn: number | undefined }
    | undefined;
}

/** A size in cells, without the line numbers. */
export interface ViewportSize {
  readonly width: number;
  readonly height: number;
}

/** A cell of the viewport, from 0. */
export interface Cell {
  readonly row: number;
  readonly column: number;
}

/** Lines kept between the cursor and the upper or lower edge, where there is room. */
const marginLines = 2;
/** Columns kept between the cursor and the left or right edge. */
const marginColumns = 6;
/** Least digits of line numbers, so that text doesn't move at the 10th and the 100th line. */
const minDigits = 3;
/** Units of text in one cell, nearly always. */
const maxUnitsPerCell = 4;
const noDecorations: readonly Decoration[] = [];
const nobody: readonly Participant[] = [];
const belowText: DrawnLine = {
  number: 0,
  current: false,
  segments: [],
  cutLeft: false,
  cutRight: false,
  failed: false,
  peers: nobody,
};

/** The viewport of one client, which may show one document after another: see `reset`. */
export class Viewport {
  #width = 0;
  #height = 0;
  #top = 0;
  #left = 0;
  /** The rows of the last call, and the visible parts of undecorated lines. */
  #drawn: readonly DrawnLine[] = [];
  #windows = new Map<LexedLine, WindowedLine>();

  constructor({ width, height }: ViewportSize) {
    this.resize(width, height);
  }

  /** The cells that line numbers need. */
  static numberWidth(document: TextWindow): number {
    return Math.max(minDigits, String(document.lineCount).length);
  }

  /** The first visible line, from 0. */
  get top(): number {
    return this.#top;
  }

  /** The first visible column, from 0. */
  get left(): number {
    return this.#left;
  }

  /** Columns of text. */
  get width(): number {
    return this.#width;
  }

  /** Rows. */
  get height(): number {
    return this.#height;
  }

  /** Sets the size, in cells. */
  resize(width: number, height: number): void {
    this.#width = Math.max(1, width);
    this.#height = Math.max(1, height);
    this.#forget();
  }

  /** Scrolls to a line and a column (from 0): for another document, or back to where it was. */
  reset(top = 0, left = 0): void {
    this.#top = Math.max(0, top);
    this.#left = Math.max(0, left);
    this.#forget();
  }

  /** Takes over another viewport's size and scroll position. */
  scrollAs({ width, height, top, left }: Viewport): void {
    this.resize(width, height);
    this.reset(top, left);
  }

  /** Follows somebody else's change: when lines come or go above, the visible text stays where it is on the screen. */
  follow(changes: ChangeSet, before: Text, after: Text): void {
    if (this.#top === 0 || before.lines === after.lines) return;
    const first = before.line(Math.min(this.#top + 1, before.lines)).from;
    this.#top = after.lineAt(changes.mapPos(first, 1)).number - 1;
  }

  /**
   * Scrolls as little as needed to make the cursor visible; after a jump the cursor is in the middle. True when it
   * scrolled.
   */
  reveal(document: TextWindow): boolean {
    const { line, column } = document.cursor;
    const top = this.#topFor(line - 1, document.lineCount);
    const left = this.#leftFor(column - 1);
    return this.#scrollTo(top, left);
  }

  /** Scrolls by lines, as the wheel does; the cursor does not move. True when it scrolled. */
  scrollBy(document: TextWindow, lines: number): boolean {
    const last = Math.max(0, document.lineCount - this.#height);
    return this.#scrollTo(
      Math.max(0, Math.min(this.#top + lines, Math.max(last, Math.min(this.#top, document.lineCount - 1)))),
      this.#left,
    );
  }

  /** Scrolls sideways by columns, up to the longest visible line. True when it scrolled. */
  scrollColumns(document: TextWindow, columns: number): boolean {
    const { doc } = document.state;
    let longest = 0;
    for (const text of doc.iterLines(
      Math.min(this.#top, doc.lines - 1) + 1,
      Math.min(doc.lines, this.#top + this.#height) + 1,
    )) {
      longest = Math.max(longest, columnAt(text, text.length));
    }
    return this.#scrollTo(this.#top, Math.max(0, Math.min(this.#left + columns, longest - this.#width + 1)));
  }

  /** The rows, `height` of them. */
  lines(document: TextWindow, { search, failure }: TextMarks = {}): readonly DrawnLine[] {
    const { state } = document;
    this.#top = Math.min(this.#top, state.doc.lines - 1);
    const first = this.#top + 1;
    const last = Math.min(state.doc.lines, this.#top + this.#height);
    const peers = document.peers();
    const decorate = decorator(document, { search, failure, peers }, { left: this.#left, width: this.#width });
    const current = document.cursor.line;
    const windows = new Map<LexedLine, WindowedLine>();
    const rows: DrawnLine[] = [];
    const cutLeft = this.#left > 0;
    const failedLine = failure && Math.min(failure.line, state.doc.lines);
    let { from } = state.doc.line(first);
    for (const line of document.highlighter.lines(state.doc, first, last)) {
      const number = first + rows.length;
      const here = peers.length === 0 ? nobody : whoseCursor(peers, from, from + line.text.length);
      const { segments, cutRight } = this.#window(line, decorate(line.text, from), windows);
      const failed = number === failedLine;
      const before = this.#drawn[rows.length];
      const isSame =
        before?.segments === segments &&
        before.number === number &&
        before.current === (number === current) &&
        before.cutLeft === cutLeft &&
        before.failed === failed &&
        before.peers === here;
      rows.push(
        isSame ? before : { number, current: number === current, segments, cutLeft, cutRight, failed, peers: here },
      );
      from += line.text.length + 1;
    }
    while (rows.length < this.#height) rows.push(belowText);
    this.#windows = windows;
    this.#drawn = rows;
    return rows;
  }

  /** The offset for a click on a cell. A cell outside counts as the nearest inside. */
  positionAt(document: TextWindow, row: number, column: number): number {
    const { doc } = document.state;
    const number = this.#top + Math.max(0, Math.min(row, this.#height - 1)) + 1;
    if (number > doc.lines) return doc.length;
    const line = doc.line(number);
    return line.from + offsetAtColumn(line.text, this.#left + Math.max(0, Math.min(column, this.#width - 1)));
  }

  /** The cell of the cursor; undefined when it is out of sight. */
  cursorCell(document: TextWindow): Cell | undefined {
    const { cursor } = document;
    const row = cursor.line - 1 - this.#top;
    const column = cursor.column - 1 - this.#left;
    if (row < 0 || row >= this.#height) return undefined;
    return column < 0 || column >= this.#width ? undefined : { row, column };
  }

  /** The visible part of a line; the same object for an undecorated line that was drawn before. */
  #window(line: LexedLine, decorations: readonly Decoration[], windows: Map<LexedLine, WindowedLine>): WindowedLine {
    if (decorations.length > 0) return windowOf(line, decorations, { left: this.#left, width: this.#width });
    const known =
      windows.get(line) ??
      this.#windows.get(line) ??
      windowOf(line, decorations, { left: this.#left, width: this.#width });
    windows.set(line, known);
    return known;
  }

  #topFor(line: number, lineCount: number): number {
    const margin = Math.min(marginLines, Math.floor((this.#height - 1) / 2));
    const top = Math.min(this.#top, lineCount - 1);
    if (line < top - this.#height || line > top + 2 * this.#height)
      return Math.max(0, line - Math.floor(this.#height / 2));
    if (line < top + margin) return Math.max(0, line - margin);
    if (line > top + this.#height - 1 - margin)
      return Math.max(0, Math.min(line + margin, lineCount - 1) - this.#height + 1);
    return top;
  }

  #leftFor(column: number): number {
    const margin = Math.min(marginColumns, Math.floor((this.#width - 1) / 2));
    if (column < this.#width - 1 && this.#left <= margin) return 0; // the start of the line is worth more than a margin
    if (column < this.#left + margin) return Math.max(0, column - margin);
    if (column > this.#left + this.#width - 1 - margin) return column - this.#width + 1 + margin;
    return this.#left;
  }

  #scrollTo(top: number, left: number): boolean {
    if (top === this.#top && left === this.#left) return false;
    if (left !== this.#left) this.#forget();
    this.#top = top;
    this.#left = left;
    return true;
  }

  #forget(): void {
    this.#windows = new Map();
    this.#drawn = [];
  }
}

/** What marks the text besides the person's own selection. */
interface Overlay extends TextMarks {
  readonly peers: readonly OtherCursor[];
}

/** Finds the decorations of a line. */
function decorator(
  document: TextWindow,
  { search, failure, peers }: Overlay,
  window: Window,
): (text: string, from: number) => readonly Decoration[] {
  const { state } = document;
  const { main } = state.selection;
  const pair = document.bracketPair();
  const selections = selectionRanges(state);
  if (!pair && selections.length === 0 && peers.length === 0 && !search && !failure) return () => noDecorations;
  const failed = failureIn(state.doc, failure);
  return (text, from) => {
    const found: Decoration[] = [...failed(text, from)];
    const end = from + text.length;
    for (const range of selections) {
      if (range.from <= end && range.to > from)
        found.push({ from: range.from - from, to: Math.min(range.to - from, text.length + 1), kind: "selected" });
    }
    if (pair)
      for (const at of [pair.open, pair.close])
        if (at >= from && at < end) found.push({ from: at - from, to: at - from + 1, kind: "bracket" });
    for (const peer of peers) found.push(...peerIn(peer, text, from));
    for (const match of search ? matchesIn(search, text, window) : []) {
      const isCurrent = from + match.from === main.from && from + match.to === main.to;
      found.push({ ...match, kind: isCurrent ? "currentMatch" : "match" });
    }
    return found.length > 0 ? found : noDecorations;
  };
}

/** Finds what failed in a line. */
function failureIn(doc: Text, failure: TextMarks["failure"]): (text: string, from: number) => readonly Decoration[] {
  if (!failure) return () => noDecorations;
  const { from: start } = doc.line(Math.min(failure.line, doc.lines));
  return (text, from) => (from === start ? [failedPart(text, failure)] : noDecorations);
}

/** The characters that Python names, otherwise all that is not blank. */
function failedPart(text: string, { column, endColumn }: NonNullable<TextMarks["failure"]>): Decoration {
  const indent = text.length - text.trimStart().length;
  const whole = { from: indent, to: text.trimEnd().length };
  if (column === undefined || text.length > maxLexed) return { ...whole, kind: "failed" };
  const from = unitsOf(text, column - 1);
  const to = endColumn !== undefined && endColumn > column ? unitsOf(text, endColumn - 1) : whole.to;
  return { from, to: Math.max(to, from + 1), kind: "failed" };
}

/** The offset after a number of characters, as Python counts them. */
export function unitsOf(text: string, characters: number): number {
  let units = 0;
  for (let count = 0; count < characters && units < text.length; count++)
    units += (text.codePointAt(units) ?? 0) > 0xffff ? 2 : 1;
  return units;
}

/** Another participant's selections in a line that begins at `from`: the cursors over what is selected. */
function peerIn({ participant: { color }, selection }: OtherCursor, text: string, from: number): readonly Decoration[] {
  const end = from + text.length;
  return selection.ranges.flatMap((range): readonly Decoration[] => {
    const found: Decoration[] = [];
    const at = range.head - from;
    if (range.head >= from && range.head <= end) found.push({ from: at, to: at + 1, kind: "peerCursor", color });
    if (!range.empty && range.from <= end && range.to > from)
      found.push({ from: range.from - from, to: Math.min(range.to - from, text.length + 1), kind: "peerSelected" });
    return found;
  });
}

function whoseCursor(peers: readonly OtherCursor[], from: number, to: number): readonly Participant[] {
  const here = peers.filter(({ selection }) => selection.ranges.some(({ head }) => head >= from && head <= to));
  return here.length === 0 ? nobody : here.map(({ participant }) => participant);
}

/**
 * The matches in a line. A long line is searched only where it is visible, or a line of megabytes would be searched for
 * every frame.
 */
function matchesIn(search: Search, text: string, { left, width }: Window): readonly TextRange[] {
  if (text.length <= maxLexed) return search.matchesInLine(text);
  const from = offsetAtColumn(text, left);
  return search.matchesInLine(text, from, from + maxUnitsPerCell * width);
}

/** What is shown as selected: the selections, and one cell for each further cursor (the terminal has only one). */
function selectionRanges(state: EditorState): readonly TextRange[] {
  const { main, ranges } = state.selection;
  if (ranges.length === 1 && main.empty) return [];
  return ranges
    .filter((range) => range !== main || !range.empty)
    .map(({ from, to, empty }) => ({ from, to: empty ? from + 1 : to }));
}
