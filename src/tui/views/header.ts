import type { Surface } from "../../terminal/draw/surface.ts";
import { counted } from "../../base/counted.ts";
import { stringWidth } from "../../base/width.ts";
import { fitEnd } from "./fit.ts";
import { accent, bold, dim, titleFocused, warning } from "./styles.ts";

/** What the header shows. */
export interface HeaderProps {
  readonly course: string;
  readonly user: string;
  /** Facts about the person: a raised hand, unread messages. */
  readonly facts?: readonly string[];
  /** The number of other people who see this session now. */
  readonly viewers: number;
  /** The time of day: "10:41". */
  readonly clock: string;
  /** How this session is seen: "watching ada, read only". */
  readonly mode?: string | undefined;
}

/**
 * Draws the top line: where the person is, and who else is here. The right side is kept when there is too little room.
 */
export function drawHeader(surface: Surface, props: HeaderProps): void {
  const right = [props.user, ...(props.facts ?? []), viewers(props.viewers), props.clock]
    .filter((part) => part !== "")
    .join(" · ");
  const rightColumn = Math.max(0, surface.width - stringWidth(right) - 1);
  let column = 1 + surface.put(0, 1, "classh", titleFocused) + 3;
  const room = rightColumn - column - 2;
  column += surface.put(0, column, fitEnd(props.course, room), bold);
  if (props.mode) surface.put(0, column + 3, fitEnd(props.mode, rightColumn - column - 5), warning);
  const used = surface.put(0, rightColumn, fitEnd(props.user, surface.width - rightColumn), accent);
  surface.put(0, rightColumn + used, right.slice(props.user.length), dim);
}

function viewers(count: number): string {
  if (count === 0) return "";
  return counted(count, "viewer");
}
