/**
 * Pictures in cells: each shows two pixels, one above the other, as the upper half of a block and what is behind it. So a
 * program's picture is nothing but colours here.
 */
import type { Colours } from "../../session/png.ts";
import type { CellStyle } from "../../terminal/draw/cell-style.ts";
import type { Surface } from "../../terminal/draw/surface.ts";

/** A picture in cells. */
export interface PictureCells {
  readonly columns: number;
  readonly rows: number;
  /** The style of each cell, row by row. */
  readonly styles: readonly CellStyle[];
}

const rgb = 0x1000000;
const upperHalf = "▀";

/** A picture as large as `columns` by `rows` cells allow, in its own proportions; never larger than it is. */
export function cellsOf(picture: Colours, columns: number, rows: number): PictureCells {
  const { width, height } = picture;
  const scale = Math.min(columns / width, (2 * rows) / height, 1);
  const wide = Math.max(1, Math.floor(width * scale));
  const high = Math.max(1, Math.floor(height * scale));
  const averages = shrunk(picture, wide, high);
  const known = new Map<number, CellStyle>();
  const styles: CellStyle[] = [];
  for (let row = 0; row < high; row += 2)
    for (let column = 0; column < wide; column++) {
      const above = averages[row * wide + column] ?? 0;
      const below = row + 1 < high ? averages[(row + 1) * wide + column] : undefined;
      const key = above * rgb + (below ?? 0);
      const style = below === undefined ? undefined : known.get(key);
      const made = style ?? { foreground: rgb + above, ...(below !== undefined && { background: rgb + below }) };
      if (below !== undefined) known.set(key, made);
      styles.push(made);
    }
  return { columns: wide, rows: Math.ceil(high / 2), styles };
}

/** Colours of a smaller picture, as RGB numbers, each the average of what it stands for, lines of a drawing before what they are on; a little coarser, so that neighbours share styles. */
function shrunk({ width, height, colours }: Colours, wide: number, high: number): Uint32Array {
  const background = backgroundOf({ width, height, colours });
  const averages = new Uint32Array(wide * high);
  for (let y = 0; y < high; y++) {
    const top = Math.floor((y * height) / high);
    const bottom = Math.max(top + 1, Math.floor(((y + 1) * height) / high));
    for (let x = 0; x < wide; x++) {
      const left = Math.floor((x * width) / wide);
      const right = Math.max(left + 1, Math.floor(((x + 1) * width) / wide));
      averages[y * wide + x] = averageOf(colours, width, { top, bottom, left, right }, background);
    }
  }
  return averages;
}

interface Box {
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
}

/** How much more what is drawn counts than what it is drawn on: lines of a pixel would fade. */
const lineWeight = 8;

/** The colour that a drawing is on: that of its four corners. Undefined for anything else, such as a photograph. */
function backgroundOf({ width, height, colours }: Colours): readonly number[] | undefined {
  const corners = [0, width - 1, (height - 1) * width, height * width - 1];
  const [first = [], ...others] = corners.map((at) => [...colours.subarray(at * 3, at * 3 + 3)]);
  return others.every((corner) => corner.every((part, at) => part === first[at])) ? first : undefined;
}

// oxlint-disable-next-line max-params -- for each half of a cell
function averageOf(
  colours: Uint8Array,
  width: number,
  { top, bottom, left, right }: Box,
  background: readonly number[] | undefined,
): number {
  const [backRed = 0, backGreen = 0, backBlue = 0] = background ?? [];
  let [red, green, blue, weights] = [0, 0, 0, 0];
  for (let y = top; y < bottom; y++)
    for (let at = (y * width + left) * 3, end = (y * width + right) * 3; at < end; at += 3) {
      const [r, g, b] = [colours[at] ?? 0, colours[at + 1] ?? 0, colours[at + 2] ?? 0];
      const off = background ? Math.abs(r - backRed) + Math.abs(g - backGreen) + Math.abs(b - backBlue) : 0;
      const weight = 1 + (lineWeight * off) / 765;
      red += r * weight;
      green += g * weight;
      blue += b * weight;
      weights += weight;
    }
  return (coarse(red / weights) << 16) | (coarse(green / weights) << 8) | coarse(blue / weights);
}

/** One of 52 levels, white and black among them. */
function coarse(level: number): number {
  return Math.round(level / 5) * 5;
}

/** Draws a picture in the middle of a surface. */
export function drawPicture(surface: Surface, { columns, rows, styles }: PictureCells): void {
  const top = Math.max(0, (surface.height - rows) >> 1);
  const left = Math.max(0, (surface.width - columns) >> 1);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns;) {
      const style = styles[row * columns + column] ?? {};
      let end = column + 1;
      while (end < columns && styles[row * columns + end] === style) end++;
      surface.put(top + row, left + column, upperHalf.repeat(end - column), style);
      column = end;
    }
}
