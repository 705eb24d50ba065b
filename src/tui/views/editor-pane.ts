import type { DrawnLine } from "../../editor/viewport.ts";
import type { CellStyle, Surface } from "../draw/surface.ts";
import { bold, dim } from "./styles.ts";

type Segment = DrawnLine["segments"][number];

export interface EditorPaneProps {
  readonly lines: readonly DrawnLine[];
  /** Cells for line numbers, without the space around them. */
  readonly numberWidth: number;
  /** In cells of the text, without the gutter; undefined when it is scrolled away. */
  readonly cursor: { readonly row: number; readonly column: number } | undefined;
  readonly focused: boolean;
}

/** Columns left of the text: line numbers, room for three digits at least, and two blanks. */
export function gutterWidth(numberWidth: number): number {
  return Math.max(3, numberWidth) + 2;
}

/** Draws line numbers and text. */
export function drawEditorPane(surface: Surface, props: EditorPaneProps): void {
  const gutter = gutterWidth(props.numberWidth);
  const text = surface.part({ row: 0, column: gutter, width: Math.max(0, surface.width - gutter), height: surface.height });
  for (const [row, line] of props.lines.entries()) {
    if (line.number > 0) {
      const style = line.current && props.focused ? bold : dim;
      surface.put(row, 0, String(line.number).padStart(gutter - 2), style);
    }
    drawText(text, row, line);
    if (line.cutLeft) surface.put(row, gutter - 1, "‹", dim);
    if (line.cutRight) surface.put(row, surface.width - 1, "›", dim);
  }
  if (props.focused && props.cursor) text.cursor(props.cursor.row, props.cursor.column);
}

function drawText(surface: Surface, row: number, line: DrawnLine): void {
  let column = 0;
  for (const segment of line.segments) {
    surface.put(row, column, segment.text, styleOf(segment));
    column += segment.width;
  }
}

const styles = new Map<string, CellStyle>();

/** Styles are made once for each of the few dozen looks, not for each segment of each frame. */
function styleOf(segment: Segment): CellStyle {
  const background = backgroundOf(segment);
  const key = `${segment.style} ${background ?? ""}`;
  const known = styles.get(key);
  if (known) return known;
  const style: CellStyle = { foreground: segment.style, background, bold: segment.bracket, underline: segment.style === "error" };
  styles.set(key, style);
  return style;
}

function backgroundOf(segment: Segment): CellStyle["background"] {
  if (segment.currentMatch) return "current-match";
  if (segment.selected) return "selection";
  if (segment.match) return "match";
  return segment.bracket ? "bracket" : undefined;
}
