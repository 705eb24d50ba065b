/** Which part of a screen is shown on a smaller one. */
import type { TerminalSize } from "../../base/terminal.ts";
import type { CursorState } from "../../terminal/draw/renderer.ts";

/** The top left of the part, on the whole screen. */
export interface Corner {
  readonly row: number;
  readonly column: number;
}

/** Rows and columns kept between the cursor and the part's edge, where there is room. */
const margin = { rows: 2, columns: 8 };

/**
 * The part's next corner: moved as little as needed to contain the cursor, unmoved without a cursor. What fits is shown
 * whole.
 */
export function follow(before: Corner, cursor: CursorState, whole: TerminalSize, part: TerminalSize): Corner {
  return {
    row: along(before.row, cursor?.row, { whole: whole.rows, part: part.rows, margin: margin.rows }),
    column: along(before.column, cursor?.column, { whole: whole.columns, part: part.columns, margin: margin.columns }),
  };
}

/** Lengths in rows, or in columns. */
interface Lengths {
  readonly whole: number;
  readonly part: number;
  readonly margin: number;
}

function along(before: number, cursor: number | undefined, { whole, part, margin: wanted }: Lengths): number {
  const last = Math.max(0, whole - part);
  const start = Math.min(before, last);
  if (cursor === undefined) return start;
  const air = Math.min(wanted, Math.max(0, Math.floor((part - 1) / 2)));
  if (cursor < start + air) return Math.max(0, Math.min(last, cursor - air));
  if (cursor > start + part - 1 - air) return Math.max(0, Math.min(last, cursor - part + 1 + air));
  return start;
}
