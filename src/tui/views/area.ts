import type { Region } from "../../terminal/draw/surface.ts";

/** A rectangle of cells; one row high when nothing else is said. */
export function area(row: number, column: number, width: number, height = 1): Region {
  return { row, column, width, height };
}
