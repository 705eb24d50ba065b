/** Draws lines of a console's text, with what is selected and found in them. */
import { stringWidth } from "../../base/width.ts";
import type { ConsoleLine } from "../../session/console-lines.ts";
import { styleLength } from "../../session/console-lines.ts";
import type { ConsoleText } from "../../session/console-text.ts";
import { styleOfWords } from "../../session/emulator-cells.ts";
import type { CellStyle } from "../../terminal/draw/cell-style.ts";
import type { Surface } from "../../terminal/draw/surface.ts";
import { foldLabel } from "./console-folds.ts";
import type { ConsoleSelection } from "./console-reader.ts";
import type { ConsoleRow } from "./console-rows.ts";
import type { FoundSpan } from "./console-search.ts";
import { fitEnd } from "./fit.ts";
import { accent, dim } from "./styles.ts";

/** What is drawn. */
export interface ConsoleLinesProps {
  readonly text: ConsoleText;
  readonly rows: readonly ConsoleRow[];
  readonly selection?: ConsoleSelection | undefined;
  /** The matches in a line's text. */
  readonly matches?: ((text: string) => Iterable<FoundSpan>) | undefined;
  /** The line of the current match. */
  readonly current?: number | undefined;
  /** What to press on a marker. */
  readonly opens?: string;
}

/** Draws rows, one below the other. */
export function drawConsoleLines(surface: Surface, props: ConsoleLinesProps): void {
  props.rows.forEach((row, at) => {
    if (row.fold) drawMarker(surface, at, row, props.opens ?? "");
    else drawRow(surface, at, row, props);
  });
}

function drawMarker(surface: Surface, at: number, { line, fold }: ConsoleRow, opens: string): void {
  if (!fold || line !== fold.start) return;
  const width = surface.put(at, 0, fitEnd(foldLabel(fold), surface.width), accent);
  surface.put(at, width, fitEnd(opens, surface.width - width), dim);
}

/** Part of a row that is drawn in one style. */
interface Part {
  readonly end: number;
  readonly style: CellStyle;
}

function drawRow(surface: Surface, at: number, row: ConsoleRow, props: ConsoleLinesProps): void {
  const line = props.text.line(row.line);
  let column = 0;
  let offset = row.start;
  const marks = marksOf(row, line, props);
  while (offset < row.end) {
    const { end: styleEnd, style } = styleAt(line, offset, row.end);
    const mark = marks.find(({ to }) => to > offset);
    const isMarked = mark !== undefined && mark.from <= offset;
    const end = Math.min(styleEnd, mark === undefined ? row.end : isMarked ? mark.to : mark.from);
    column += surface.put(at, column, line.text.slice(offset, end), isMarked ? { ...style, ...mark.style } : style);
    offset = end;
  }
  // The end of a line that is selected beyond it shows, also when the line is empty.
  const { selection } = props;
  const isLast = row.end === line.text.length;
  if (isLast && selection && selection.from.line <= row.line && selection.to.line > row.line)
    surface.put(at, column, " ", selected);
}

interface Mark extends FoundSpan {
  readonly style: CellStyle;
}

const selected: CellStyle = { background: "selection" };
const found: CellStyle = { background: "match" };
const foundNow: CellStyle = { background: "current-match" };

/** The selected part, then the matches outside of it, in order. */
function marksOf(row: ConsoleRow, line: ConsoleLine, props: ConsoleLinesProps): readonly Mark[] {
  const marks: Mark[] = [];
  const selection = selectedIn(row, props);
  const isFinding = props.current !== undefined;
  for (const { from, to } of props.matches?.(line.text) ?? []) {
    const isSelected = selection !== undefined && from < selection.to && to > selection.from;
    if (!isSelected && to > row.start && from < row.end) marks.push({ from, to, style: found });
  }
  if (selection) marks.push({ ...selection, style: isFinding && props.current === row.line ? foundNow : selected });
  return marks.toSorted((a, b) => a.from - b.from);
}

function selectedIn(row: ConsoleRow, { selection }: ConsoleLinesProps): FoundSpan | undefined {
  if (!selection || row.line < selection.from.line || row.line > selection.to.line) return undefined;
  const from = row.line === selection.from.line ? selection.from.offset : 0;
  const to = row.line === selection.to.line ? selection.to.offset : Infinity;
  return { from, to };
}

function styleAt(line: ConsoleLine, offset: number, rowEnd: number): Part {
  const { styles } = line;
  if (!styles) return { end: rowEnd, style: plain };
  let at = 0;
  while (at + styleLength < styles.length && (styles[at + styleLength] ?? 0) <= offset) at += styleLength;
  const start = styles[at] ?? 0;
  if (start > offset) return { end: Math.min(rowEnd, start), style: plain };
  const end = Math.min(rowEnd, styles[at + styleLength] ?? rowEnd);
  return { end, style: styleOfWords(styles[at + 1] ?? 0, styles[at + 2] ?? 0) };
}

const plain: CellStyle = {};

/** The column of an offset in a row. */
export function columnIn(text: string, row: ConsoleRow, offset: number): number {
  return row.fold ? 0 : stringWidth(text.slice(row.start, offset));
}
