import type { Surface } from "../draw/surface.ts";
import { stringWidth } from "../../editor/width.ts";
import { fitEnd } from "./fit.ts";
import { dim, error, plain, success, warning } from "./styles.ts";

export type MessageKind = "info" | "success" | "warning" | "error";

/** A sentence for the person: what happened, and what to do. */
export interface Message {
  readonly kind: MessageKind;
  readonly text: string;
}

export interface StatusProps {
  /** Facts about what is in focus, most useful first: "Ln 6, Col 1", "saved 10:40". */
  readonly left: readonly string[];
  /** Facts that seldom change: "UTF-8". */
  readonly right: readonly string[];
  /** Takes the place of the facts while it is there. */
  readonly message: Message | undefined;
}

const gap = "   ";

/** Draws the line above the keys. */
export function drawStatusLine(surface: Surface, props: StatusProps): void {
  if (props.message) {
    const sign = signs[props.message.kind];
    const used = surface.put(0, 1, sign, styles[props.message.kind]);
    surface.put(0, 1 + used, fitEnd(props.message.text, surface.width - used - 2), messageText(props.message.kind));
    return;
  }
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

/** Each kind has a sign, so that nobody needs the colour. */
const signs: Readonly<Record<MessageKind, string>> = { info: "", success: "✓ ", warning: "! ", error: "✗ " };
const styles = { info: plain, success, warning, error } as const;

function messageText(kind: MessageKind) {
  return kind === "error" ? error : plain;
}
