/** A rectangle of cells that views draw on, in the names of the theme. */
import type { CellStyle } from "./cell-style.ts";
import type { Grid } from "./grid.ts";

/** A rectangle of cells. Rows and columns count from 0. */
export interface Region {
  readonly row: number;
  readonly column: number;
  readonly width: number;
  readonly height: number;
}

/**
 * What a view draws on. Rows and columns count from 0 at the surface's own top left. Whatever falls outside is cut off,
 * wide characters cleanly.
 */
export interface Surface {
  /** Columns. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
  /**
   * Writes `text`, control characters as visible symbols. Returns the number of columns it took, also of what was cut
   * off.
   */
  put(row: number, column: number, text: string, style?: CellStyle): number;
  /** Fills a rectangle with one character, by default a space. */
  fill(region: Region, style?: CellStyle, character?: string): void;
  /**
   * Puts the terminal's cursor where the person types. The last call of a frame wins; without a call the cursor is
   * hidden.
   */
  cursor(row: number, column: number): void;
  /** Copies a row of another grid across the whole width, starting at one of its columns. Blanks beyond its edges. */
  mirror(row: number, from: Grid, fromRow: number, fromColumn: number): void;
  /** A surface on part of this one, with its own origin. */
  part(region: Region): Surface;
}
