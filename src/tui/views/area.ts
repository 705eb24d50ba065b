import type { Region } from "../../terminal/draw/surface.ts";

/** A rectangle of cells, by default one row high. */
export function area(row: number, column: number, width: number, height = 1): Region {
  return { row, column, width, height };
}
