import { charWidth } from "../../base/width.ts";
import { attributeBits, colorCode } from "./codes.ts";
import { blank, plainPen, type Grid, type Pen } from "./grid.ts";
import type { CellStyle } from "./cell-style.ts";
import type { Region, Surface } from "./surface.ts";

/** Receives the position of the cursor, in rows and columns of the screen. */
export type PlaceCursor = (row: number, column: number) => void;

/** A surface on a rectangle of a grid, with its own origin. What falls outside is cut off. */
export class GridSurface implements Surface {
  readonly width: number;
  readonly height: number;
  readonly #grid: Grid;
  readonly #placeCursor: PlaceCursor;
  /** The origin on the grid. The clip can be smaller than the origin and the size say. */
  readonly #top: number;
  readonly #left: number;
  readonly #clip: Region;

  constructor(grid: Grid, region: Region, placeCursor: PlaceCursor, clip: Region = wholeOf(grid)) {
    this.width = Math.max(0, region.width);
    this.height = Math.max(0, region.height);
    this.#grid = grid;
    this.#placeCursor = placeCursor;
    this.#top = region.row;
    this.#left = region.column;
    this.#clip = intersection(region, clip);
  }

  put(row: number, column: number, text: string, style?: CellStyle): number {
    const { row: clipTop, column: clipLeft, height, width } = this.#clip;
    const gridRow = this.#top + row;
    const isVisible = gridRow >= clipTop && gridRow < clipTop + height;
    const clipRight = clipLeft + width;
    const start = this.#left + column;
    /** A combining mark needs a visible character of this text before it. */
    const first = Math.max(start, clipLeft);
    const pen = penOf(style);
    let at = start;
    for (let i = 0; i < text.length && at < clipRight; i++) {
      let code = text.charCodeAt(i);
      if (code >= 0xd800 && code < 0xdc00) {
        const codePoint = text.codePointAt(i) ?? code;
        if (codePoint > 0xffff) i++;
        code = codePoint;
      }
      if (isControl(code)) code = controlPicture(code);
      const cells = charWidth(code);
      if (cells === 0) {
        if (isVisible && at > first && !isInvisible(code)) this.#grid.combine(gridRow, at - 1, code);
        continue;
      }
      if (isVisible) {
        if (cells === 2) this.#placeWide(gridRow, at, code, pen);
        else this.#place(gridRow, at, code, pen);
      }
      at += cells;
    }
    return at - start;
  }

  fill(region: Region, style?: CellStyle, character = " "): void {
    const moved = { ...region, row: region.row + this.#top, column: region.column + this.#left };
    const { row, column, width, height } = intersection(moved, this.#clip);
    const pen = penOf(style);
    const code = character.codePointAt(0) ?? blank;
    const isWide = charWidth(code) === 2;
    for (let y = row; y < row + height; y++) {
      if (code === blank && pen === plainPen) {
        this.#grid.clear(y, column, width);
        continue;
      }
      if (isWide) for (let x = column; x < column + width; x += 2) this.#placeWide(y, x, code, pen);
      else for (let x = column; x < column + width; x++) this.#place(y, x, code, pen);
    }
  }

  cursor(row: number, column: number): void {
    const gridRow = this.#top + row;
    const gridColumn = this.#left + column;
    const { row: top, column: left, height, width } = this.#clip;
    const isInside = gridRow >= top && gridRow < top + height && gridColumn >= left && gridColumn < left + width;
    if (isInside) this.#placeCursor(gridRow, gridColumn);
  }

  mirror(row: number, from: Grid, fromRow: number, fromColumn: number): void {
    const { row: top, column, width, height } = this.#clip;
    const gridRow = this.#top + row;
    if (gridRow < top || gridRow >= top + height || width === 0) return;
    this.#grid.copyRow(from, fromRow, fromColumn + column - this.#left, gridRow, column, width);
  }

  part(region: Region): Surface {
    const moved = { ...region, row: region.row + this.#top, column: region.column + this.#left };
    return new GridSurface(this.#grid, moved, this.#placeCursor, this.#clip);
  }

  /** Puts a narrow character into a column that may lie outside the clip. */
  #place(row: number, column: number, code: number, pen: Pen): void {
    const { column: left, width } = this.#clip;
    if (column >= left && column < left + width) this.#grid.set(row, column, code, pen);
  }

  /** Puts a wide character into two columns that may lie outside the clip; when half of it does, a blank is shown. */
  #placeWide(row: number, column: number, code: number, pen: Pen): void {
    const { column: left, width } = this.#clip;
    const right = left + width;
    if (column >= left && column + 1 < right) this.#grid.setWide(row, column, code, pen);
    else if (column >= left && column < right) this.#grid.set(row, column, blank, pen);
    else if (column + 1 >= left && column + 1 < right) this.#grid.set(row, column + 1, blank, pen);
  }
}

/** The region that two regions share; its width or height is 0 when they share none. */
export function intersection(a: Region, b: Region): Region {
  const row = Math.max(a.row, b.row);
  const column = Math.max(a.column, b.column);
  const height = Math.max(0, Math.min(a.row + a.height, b.row + b.height) - row);
  const width = Math.max(0, Math.min(a.column + a.width, b.column + b.width) - column);
  return { row, column, width, height };
}

function wholeOf(grid: Grid): Region {
  return { row: 0, column: 0, width: grid.width, height: grid.height };
}

/** Pens by style object: views use the same few style objects again and again. */
const pens = new WeakMap<CellStyle, Pen>();

function penOf(style: CellStyle | undefined): Pen {
  if (!style) return plainPen;
  let pen = pens.get(style);
  if (!pen) {
    const attributes = attributeBits(style);
    pen = { foreground: colorCode(style.foreground), background: colorCode(style.background), attributes };
    pens.set(style, pen);
  }
  return pen;
}

function isControl(code: number): boolean {
  return code < 0x20 || (code >= 0x7f && code < 0xa0) || (code >= 0xd800 && code < 0xe000);
}

/**
 * Unicode's pictures of the control characters. A control character of a file must never reach the terminal as a
 * command.
 */
function controlPicture(code: number): number {
  if (code < 0x20) return 0x2400 + code;
  return code === 0x7f ? 0x2421 : 0xfffd;
}

/**
 * Whether a character has no shape of its own: joiners, variation selectors, direction marks. Terminals disagree about
 * their width, and direction marks can make code look like other code, so they are not sent.
 */
function isInvisible(code: number): boolean {
  return (
    code === 0xad ||
    code === 0x061c ||
    code === 0x180e ||
    code === 0xfeff ||
    (code >= 0x200b && code <= 0x200f) ||
    (code >= 0x202a && code <= 0x202e) ||
    (code >= 0x2060 && code <= 0x206f) ||
    (code >= 0xfe00 && code <= 0xfe0f) ||
    (code >= 0xfff9 && code <= 0xfffb) ||
    code >= 0xe0000
  );
}
