import type { Surface } from "../../terminal/draw/surface.ts";
import { stringWidth } from "../../base/width.ts";
import { fitEnd, wrap } from "./fit.ts";
import { dim, error, plain, success, warning } from "./styles.ts";

export type MessageKind = "info" | "success" | "warning" | "error";

/** A sentence for the person: what happened, and what to do. */
export interface StatusLineMessage {
  readonly kind: MessageKind;
  readonly text: string;
}

export interface StatusProps {
  /** Facts about what is in focus, most useful first: "Ln 6, Col 1", "saved 10:40". */
  readonly left: readonly string[];
  /** Facts that seldom change: "UTF-8". */
  readonly right: readonly string[];
  /** Takes the place of the facts while it is there. */
  readonly message: StatusLineMessage | undefined;
}

const gap = "   ";
/** A message never covers more of the work than this. */
const maxRows = 3;

/** Rows that a message needs: a sentence that says what to do must be readable to its end. */
export function messageRows(message: StatusLineMessage | undefined, width: number): number {
  return message ? messageLines(message, width).length : 1;
}

/** Draws the line above the keys, or the lines of a long message. */
export function drawStatusLine(surface: Surface, props: StatusProps): void {
  if (props.message) return drawMessage(surface, props.message);
  const right = props.right.join(gap);
  const rightColumn = surface.width - 1 - stringWidth(right);
  let column = 1;
  for (const part of props.left) {
    const width = stringWidth(part);
    if (column + width > rightColumn - 2) break; // whole facts only
    surface.put(0, column, part, column === 1 ? plain : dim);
    column += width + gap.length;
  }
  if (rightColumn > column) surface.put(0, rightColumn, right, dim);
}

function drawMessage(surface: Surface, message: StatusLineMessage): void {
  const style = styles[message.kind];
  const column = 1 + surface.put(0, 1, signs[message.kind], style);
  for (const [row, line] of messageLines(message, surface.width).entries()) {
    surface.put(row, column, line, message.kind === "error" ? style : plain);
  }
}

function messageLines({ kind, text }: StatusLineMessage, width: number): readonly string[] {
  const room = Math.max(1, width - stringWidth(signs[kind]) - 2);
  const lines = wrap(text, room);
  if (lines.length <= maxRows) return lines;
  return [...lines.slice(0, maxRows - 1), fitEnd(lines.slice(maxRows - 1).join(" "), room)];
}

/** Each kind has a sign, so that nobody needs the colour. */
const signs: Readonly<Record<MessageKind, string>> = { info: "", success: "✓ ", warning: "! ", error: "✗ " };
const styles = { info: plain, success, warning, error } as const;
