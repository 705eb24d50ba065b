/** A surface that keeps what was drawn as text and styles, for fast tests of views. */
import type { CellStyle } from "../../src/terminal/draw/cell-style.ts";
import type { Region, Surface } from "../../src/terminal/draw/surface.ts";
import type { Grid as CellGrid } from "../../src/terminal/draw/grid.ts";
import { charWidth } from "../../src/base/width.ts";

interface Cell {
  text: string;
  style: CellStyle;
}

interface Grid {
  readonly cells: Cell[][];
  cursor: { row: number; column: number } | undefined;
}

export class GridSurface implements Surface {
  readonly width: number;
  readonly height: number;
  readonly #grid: Grid;
  readonly #row: number;
  readonly #column: number;

  constructor(width: number, height: number, origin?: { grid: Grid; row: number; column: number }) {
    this.width = width;
    this.height = height;
    this.#grid = origin?.grid ?? { cells: blank(width, height), cursor: undefined };
    this.#row = origin?.row ?? 0;
    this.#column = origin?.column ?? 0;
  }

  put(row: number, column: number, text: string, style: CellStyle = {}): number {
    let used = 0;
    for (const character of text) {
      const code = character.codePointAt(0) ?? 0;
      const width = code < 32 || code === 127 ? 1 : charWidth(code);
      this.#set(
        row,
        column + used,
        { text: code < 32 ? String.fromCodePoint(0x2400 + code) : character, style },
        width,
      );
      used += width;
    }
    return used;
  }

  fill(region: Region, style: CellStyle = {}, character = " "): void {
    for (let row = region.row; row < region.row + region.height; row++) {
      for (let column = region.column; column < region.column + region.width; column++)
        this.#set(row, column, { text: character, style }, 1);
    }
  }

  cursor(row: number, column: number): void {
    if (this.#inside(row, column)) this.#grid.cursor = { row: row + this.#row, column: column + this.#column };
  }

  mirror(row: number, from: CellGrid, fromRow: number, fromColumn: number): void {
    for (let column = 0; column < this.width; column++) {
      const isInside = fromRow < from.height && fromColumn + column < from.width;
      this.#set(
        row,
        column,
        { text: isInside ? from.text(fromRow * from.width + fromColumn + column) || " " : " ", style: {} },
        1,
      );
    }
  }

  part(region: Region): GridSurface {
    const row = this.#row + region.row;
    const column = this.#column + region.column;
    return new GridSurface(region.width, region.height, { grid: this.#grid, row, column });
  }

  /** What a person reads: one string a row, without spaces at the end. */
  rows(): string[] {
    return this.#grid.cells.map((row) =>
      row
        .map((cell) => cell.text)
        .join("")
        .trimEnd(),
    );
  }

  /** Every cell's text and style. */
  cells(): unknown {
    return this.#grid.cells;
  }

  /** The whole screen as one string. */
  text(): string {
    return this.rows().join("\n");
  }

  /** Where the terminal's cursor is, in the whole grid; undefined when hidden. */
  cursorAt(): { row: number; column: number } | undefined {
    return this.#grid.cursor;
  }

  styleAt(row: number, column: number): CellStyle {
    return this.#grid.cells[row]?.[column]?.style ?? {};
  }

  /** The cell where `text` begins; throws when it is not on the screen. */
  find(text: string): { row: number; column: number } {
    for (const [row, cells] of this.#grid.cells.entries()) {
      for (let column = 0; column < cells.length; column++) {
        if (cells[column]?.text === "") continue; // the second half of a wide character
        if (
          cells
            .slice(column)
            .map((cell) => cell.text)
            .join("")
            .startsWith(text)
        )
          return { row, column };
      }
    }
    throw new Error(`"${text}" is not on the screen:\n${this.text()}`);
  }

  /** The style of the first character of `text` on the screen. */
  styleOf(text: string): CellStyle {
    const { row, column } = this.find(text);
    return this.styleAt(row, column);
  }

  #inside(row: number, column: number): boolean {
    return row >= 0 && row < this.height && column >= 0 && column < this.width;
  }

  #set(row: number, column: number, { text, style }: Readonly<Cell>, width: number): void {
    const line = this.#grid.cells[row + this.#row];
    if (width === 0) {
      const before = line?.[column + this.#column - 1];
      if (before && this.#inside(row, column - 1)) before.text += text;
      return;
    }
    if (!line || !this.#inside(row, column)) return;
    const fits = width === 1 || this.#inside(row, column + 1);
    const cell = line[column + this.#column];
    if (cell) Object.assign(cell, { text: fits ? text : " ", style });
    const next = width === 2 && fits ? line[column + this.#column + 1] : undefined;
    if (next) Object.assign(next, { text: "", style });
  }
}

function blank(width: number, height: number): Cell[][] {
  return Array.from({ length: height }, () => Array.from({ length: width }, () => ({ text: " ", style: {} })));
}
