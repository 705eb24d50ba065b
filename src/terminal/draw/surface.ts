/** What views draw on: a rectangle of cells, in theme names; the renderer turns it into bytes for a terminal. */
import type { CellStyle } from "./cell-style.ts";
import type { Grid } from "./grid.ts";

export interface Region {
  readonly row: number;
  readonly column: number;
  readonly width: number;
  readonly height: number;
}

/** Rows and columns count from 0 at the surface's own top left. Whatever falls outside is cut, wide characters cleanly. */
export interface Surface {
  readonly width: number;
  readonly height: number;
  /** Writes `text` (control characters are shown as visible symbols) and returns the columns it took. */
  put(row: number, column: number, text: string, style?: CellStyle): number;
  /** Fills a rectangle with one character, by default spaces. */
  fill(region: Region, style?: CellStyle, character?: string): void;
  /** Where the person types: the real terminal cursor goes there. The last call of a frame wins; none hides it. */
  cursor(row: number, column: number): void;
  /** Shows a row of another screen's cells across the whole width, from one of its columns on; beyond its edges blanks. */
  mirror(row: number, from: Grid, fromRow: number, fromColumn: number): void;
  /** A part of this surface with its own origin. */
  part(region: Region): Surface;
}
