/**
 * The rows in which a console's lines are read: wrapped at the pane's width, and long outputs folded behind a marker.
 * Nothing counts all rows: a reader goes from row to row, so that 10,000 lines cost no more than a screen of them.
 */
import { charWidth } from "../../base/width.ts";
import type { ConsoleLine } from "../../session/console-lines.ts";
import type { ConsolePlace, ConsoleText } from "../../session/console-text.ts";
import { foldOf, type Fold } from "./console-folds.ts";

/** A row: part of a line, or the marker of a fold. */
export interface ConsoleRow {
  readonly line: number;
  /** The part of the line's text, as offsets in UTF-16 units. */
  readonly start: number;
  readonly end: number;
  /** The lines that the row stands for. */
  readonly fold: Fold | undefined;
}

/** How lines are cut into rows. */
export interface RowOptions {
  readonly text: ConsoleText;
  /** Columns of a row. */
  readonly width: number;
  /** Whether rows end between words where they can. */
  readonly atWords: boolean;
  /** The folds that are open, by their last line. */
  readonly opened: ReadonlySet<number>;
}

/** The row with a place. */
export function rowAt(options: RowOptions, place: ConsolePlace): ConsoleRow {
  const { text } = options;
  const number = Math.max(text.first, Math.min(place.line, text.end - 1));
  const fold = foldOf(text, number, options.opened);
  if (fold) return { line: fold.start, start: 0, end: 0, fold };
  const starts = rowsOf(text.line(number), options);
  let index = starts.length - 1;
  const offset = number === place.line ? place.offset : 0;
  while (index > 0 && (starts[index] ?? 0) > offset) index--;
  return rowOfLine(options, number, starts, index);
}

/** The row after another; undefined after the last. */
export function rowAfter(options: RowOptions, row: ConsoleRow): ConsoleRow | undefined {
  const { text } = options;
  if (!row.fold && row.end < text.line(row.line).text.length)
    return rowAt(options, { line: row.line, offset: row.end });
  const line = row.fold ? row.fold.end : row.line + 1;
  return line < text.end ? rowAt(options, { line, offset: 0 }) : undefined;
}

/** The row before another; undefined before the first. */
export function rowBefore(options: RowOptions, row: ConsoleRow): ConsoleRow | undefined {
  if (!row.fold && row.start > 0) return rowAt(options, { line: row.line, offset: row.start - 1 });
  return row.line > options.text.first ? rowAt(options, { line: row.line - 1, offset: Infinity }) : undefined;
}

/** The row so many rows after another, or before it when the number is negative: as far as there are rows. */
export function rowBy(options: RowOptions, from: ConsoleRow, rows: number): ConsoleRow {
  let row = from;
  for (let left = Math.abs(rows); left > 0; left--) {
    const next = rows > 0 ? rowAfter(options, row) : rowBefore(options, row);
    if (!next) break;
    row = next;
  }
  return row;
}

function rowOfLine({ text }: RowOptions, line: number, starts: readonly number[], index: number): ConsoleRow {
  const end = starts[index + 1] ?? text.line(line).text.length;
  return { line, start: starts[index] ?? 0, end, fold: undefined };
}

/** Lines of many rows are cut once, and not again for each of them. */
const longLine = 500;
const known = new WeakMap<ConsoleLine, { readonly of: string; readonly starts: readonly number[] }>();

function rowsOf(line: ConsoleLine, { width, atWords }: RowOptions): readonly number[] {
  if (line.text.length < longLine) return startsOf(line.text, width, atWords);
  const of = `${width} ${atWords}`;
  const before = known.get(line);
  if (before?.of === of) return before.starts;
  const starts = startsOf(line.text, width, atWords);
  known.set(line, { of, starts });
  return starts;
}

/** The offsets at which the rows of a text begin. */
export function startsOf(text: string, width: number, atWords: boolean): readonly number[] {
  const starts = [0];
  let columns = 0;
  /** The offset after the last blank of this row, and the columns up to it; 0 when there is none. */
  let word = 0;
  let columnsBefore = 0;
  for (let at = 0; at < text.length;) {
    const code = text.codePointAt(at) ?? 0;
    const cells = charWidth(code);
    if (columns + cells > width && columns > 0 && !(atWords && code === 0x20)) {
      const breaksAt = atWords && word > 0 ? word : at;
      columns = breaksAt === at ? 0 : columns - columnsBefore;
      starts.push(breaksAt);
      word = 0;
    }
    columns += cells;
    at += code > 0xffff ? 2 : 1;
    if (code === 0x20) {
      word = at;
      columnsBefore = columns;
    }
  }
  return starts;
}

/** The offset of the letter in a column of a row; the row's end for a column behind it. */
export function offsetIn(text: string, row: ConsoleRow, column: number): number {
  let columns = 0;
  for (let at = row.start; at < row.end;) {
    const code = text.codePointAt(at) ?? 0;
    columns += charWidth(code);
    if (columns > column) return at;
    at += code > 0xffff ? 2 : 1;
  }
  return row.end;
}
