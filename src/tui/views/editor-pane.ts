import type { DrawnLine } from "../../editor/viewport.ts";
import { stringWidth } from "../../base/width.ts";
import type { CellStyle } from "../../terminal/draw/cell-style.ts";
import type { Surface } from "../../terminal/draw/surface.ts";
import { area } from "./area.ts";
import { accent, bold, dim, error } from "./styles.ts";

type Segment = DrawnLine["segments"][number];

/** What the pane shows. */
export interface EditorPaneProps {
  readonly lines: readonly DrawnLine[];
  /** Columns for line numbers, without the blanks around them. */
  readonly numberWidth: number;
  /** The cursor's cell, counted from the text's top left; undefined when it is out of sight. */
  readonly cursor: { readonly row: number; readonly column: number } | undefined;
  readonly focused: boolean;
  /** The number of the line at which a program that runs step by step is. */
  readonly step?: number | undefined;
  /** What the surface already shows in the same size, focus and number width: unchanged lines are skipped. */
  readonly shown?: readonly DrawnLine[] | undefined;
}

/** Columns left of the text: line numbers with room for at least three digits, and two blanks. */
export function gutterWidth(numberWidth: number): number {
  return Math.max(3, numberWidth) + 2;
}

/** Draws line numbers and text. */
export function drawEditorPane(surface: Surface, props: EditorPaneProps): void {
  const gutter = gutterWidth(props.numberWidth);
  const text = surface.part({
    row: 0,
    column: gutter,
    width: Math.max(0, surface.width - gutter),
    height: surface.height,
  });
  for (const [row, line] of props.lines.entries()) {
    if (props.shown) {
      if (props.shown[row] === line) continue;
      surface.fill(area(row, 0, surface.width));
    }
    if (line.number > 0) {
      const style = line.current && props.focused ? bold : dim;
      surface.put(row, 0, String(line.number).padStart(gutter - 2), line.failed ? error : style);
      if (line.failed) surface.put(row, gutter - 2, failedSign, error);
    }
    const isStep = line.number > 0 && line.number === props.step;
    if (isStep) {
      text.fill(area(row, 0, text.width), stepStyle);
      surface.put(row, 0, `${stepSign}${String(line.number).padStart(gutter - 3)}`, accent);
    }
    drawPeers(text, { row, column: drawText(text, row, line, isStep) + 2, peers: line.peers });
    if (line.cutLeft) surface.put(row, gutter - 1, "‹", dim);
    if (line.cutRight) surface.put(row, surface.width - 1, "›", dim);
  }
  if (props.focused && props.cursor) text.cursor(props.cursor.row, props.cursor.column);
}

/** Stands beside the number of the line on which the program failed. */
const failedSign = "!";

/** Stands before the number of the line at which a program that runs step by step is. */
const stepSign = "▶";
const stepStyle: CellStyle = { background: "current-line" };

/** Draws a line's text; returns the column after it. */
function drawText(surface: Surface, row: number, line: DrawnLine, isStep: boolean): number {
  let column = 0;
  for (const segment of line.segments) {
    const style = styleOf(segment);
    surface.put(row, column, segment.text, isStep && !style.background ? { ...style, ...stepStyle } : style);
    column += segment.width;
  }
  return column;
}

interface Labels {
  readonly row: number;
  readonly column: number;
  readonly peers: DrawnLine["peers"];
}

/**
 * Draws, after a line, the names or initials of the people with cursors on it, as far as there is room. Without room,
 * the status line still names them.
 */
function drawPeers(surface: Surface, { row, column, peers }: Labels): void {
  const room = surface.width - column;
  const byName = peers.map((peer) => ({ peer, label: `${peerSign}${peer.name}` }));
  const labels =
    widthOf(byName) <= room ? byName : peers.map((peer) => ({ peer, label: `${peerSign}${peer.initials}` }));
  if (widthOf(labels) > room) return;
  let at = column;
  for (const { peer, label } of labels) at += surface.put(row, at, label, { foreground: peerColor(peer.color) }) + 1;
}

const peerSign = "◂ ";

function widthOf(labels: readonly { readonly label: string }[]): number {
  return labels.reduce((sum, { label }) => sum + stringWidth(label) + 1, -1);
}

const peerColors = ["peer-0", "peer-1", "peer-2", "peer-3"] as const;

/** The colour of a participant on the screen. */
export function peerColor(color: number): (typeof peerColors)[number] {
  return peerColors[color % peerColors.length] ?? "peer-0";
}

const styles = new Map<string, CellStyle>();

/** The style of a segment. There are a few dozen, each made once and not for each segment of each frame. */
function styleOf(segment: Segment): CellStyle {
  const background = backgroundOf(segment);
  const { peerCursor } = segment;
  const { failed } = segment;
  const key = `${segment.style} ${background ?? ""} ${peerCursor ?? ""} ${failed}`;
  const known = styles.get(key);
  if (known) return known;
  const style: CellStyle =
    peerCursor === undefined
      ? {
          foreground: failed ? "error" : segment.style,
          background,
          bold: segment.bracket,
          underline: failed || segment.style === "error",
        }
      : { foreground: peerColor(peerCursor), inverse: true };
  styles.set(key, style);
  return style;
}

function backgroundOf(segment: Segment): CellStyle["background"] {
  if (segment.currentMatch) return "current-match";
  if (segment.selected) return "selection";
  if (segment.match) return "match";
  if (segment.peerSelected) return "peer-selection";
  return segment.bracket ? "bracket" : undefined;
}
