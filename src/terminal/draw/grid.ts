/**
 * The cells of a screen, as flat arrays: 13 bytes a cell, where one object a cell took over 100. Invariants, kept by
 * `set`, `setWide` and `combine` alone: the lead of a wide character is followed by its continuation in the same style;
 * a continuation follows a lead; a blank has no colour or attribute that would not be visible on a blank.
 */
import { giveCellMemory, takeCellMemory } from "./cell-memory.ts";
import { attribute, defaultColor, type ColorCode } from "./codes.ts";

/** The code of the right half of a wide character. */
export const continuation = 0;
/** The code of an empty cell. */
export const blank = 0x20;
/** The code of a cell of which it is not known what the terminal shows. It equals no other. */
export const unknown = 0xffffffff;

/** The bit of a cell whose base character carries combining marks. The whole text is then in the grid's `clusters`. */
const clusterFlag = 0x80000000;
/** Most combining marks kept on one character: more than any script needs, and few enough to bound the memory. */
const maxMarks = 6;

/** Bytes of a cell: character, two colours, attributes. */
const cellBytes = 13;

/** Attributes that are seen on a blank. */
export const visibleOnBlank = attribute.underline | attribute.inverse;

/** A style as a cell stores it. */
export interface Pen {
  readonly foreground: ColorCode;
  readonly background: ColorCode;
  readonly attributes: number;
}

/** The terminal's own colours, without attributes. */
export const plainPen: Pen = { foreground: defaultColor, background: defaultColor, attributes: 0 };

/** A rectangle of cells. A cell's index in the arrays is `row * width + column`. */
export class Grid {
  /** Columns. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
  /** Code points, `continuation` or `unknown`, some with the bit that marks combining marks. */
  characters: Uint32Array;
  /** Colour codes of the characters. */
  foregrounds: Uint32Array;
  /** Colour codes behind the characters. */
  backgrounds: Uint32Array;
  /** Attribute bits. */
  attributes: Uint8Array;
  /** 1 for each row written since the renderer last drew it, else 0. */
  readonly dirty: Uint8Array;
  readonly #clusters = new Map<number, string>();

  constructor(width: number, height: number) {
    const cells = width * height;
    this.width = width;
    this.height = height;
    const memory = takeCellMemory(cells * cellBytes);
    this.characters = new Uint32Array(memory, 0, cells).fill(blank);
    this.foregrounds = new Uint32Array(memory, cells * 4, cells).fill(defaultColor);
    this.backgrounds = new Uint32Array(memory, cells * 8, cells).fill(defaultColor);
    this.attributes = new Uint8Array(memory, cells * 12, cells).fill(0);
    this.dirty = new Uint8Array(height).fill(1);
  }

  /**
   * Gives the memory to the next grid. The grid is empty afterwards, because its memory may already belong to another
   * one.
   */
  release(): void {
    const memory = this.characters.buffer as ArrayBuffer;
    this.characters = this.foregrounds = this.backgrounds = new Uint32Array(0);
    this.attributes = new Uint8Array(0);
    this.#clusters.clear();
    if (memory.byteLength > 0) giveCellMemory(memory);
  }

  /** Writes a character of one column to a cell. */
  set(row: number, column: number, codePoint: number, pen: Pen): void {
    const index = row * this.width + column;
    this.#clearHalves(index, column, false);
    this.#write(index, codePoint, pen);
    this.dirty[row] = 1;
  }

  /** Writes a character of two columns to a cell and the next one, which must be in the same row. */
  setWide(row: number, column: number, codePoint: number, pen: Pen): void {
    const index = row * this.width + column;
    this.#clearHalves(index, column, true);
    this.#write(index, codePoint, pen);
    this.#write(index + 1, continuation, pen);
    this.dirty[row] = 1;
  }

  /**
   * Adds a combining mark to the character of a cell. Does nothing on a blank, or when the character has too many
   * already.
   */
  combine(row: number, column: number, mark: number): void {
    let index = row * this.width + column;
    if (this.characters[index] === continuation) index--;
    const base = this.characters[index] ?? blank;
    if (base === blank || base === continuation) return;
    const text = this.text(index);
    if (text.length > maxMarks * 2) return;
    this.characters[index] = (base | clusterFlag) >>> 0;
    this.#clusters.set(index, text + String.fromCodePoint(mark));
    this.dirty[row] = 1;
  }

  /** Fills part of a row with plain blanks. */
  clear(row: number, column: number, width: number): void {
    const start = row * this.width + column;
    const end = start + width;
    if (this.characters[start] === continuation && column > 0) this.#write(start - 1, blank, plainPen);
    if (column + width < this.width && this.characters[end] === continuation) this.#write(end, blank, plainPen);
    if (this.#clusters.size > 0) for (let index = start; index < end; index++) this.#clusters.delete(index);
    this.characters.fill(blank, start, end);
    this.foregrounds.fill(defaultColor, start, end);
    this.backgrounds.fill(defaultColor, start, end);
    this.attributes.fill(0, start, end);
    this.dirty[row] = 1;
  }

  /** The character of a cell with its combining marks; empty for a continuation. */
  text(index: number): string {
    const character = this.characters[index] ?? blank;
    if (character === continuation || character === unknown) return "";
    if (character & clusterFlag) return this.#clusters.get(index) ?? "";
    return String.fromCodePoint(character);
  }

  /** Whether the cell's character carries combining marks. */
  isCluster(index: number): boolean {
    return ((this.characters[index] ?? 0) & clusterFlag) !== 0;
  }

  /** Whether a cell has the same character and style in another grid of the same size. */
  same(other: Grid, index: number): boolean {
    const character = this.characters[index];
    return (
      character === other.characters[index] &&
      this.foregrounds[index] === other.foregrounds[index] &&
      this.backgrounds[index] === other.backgrounds[index] &&
      this.attributes[index] === other.attributes[index] &&
      (((character ?? 0) & clusterFlag) === 0 || character === unknown || this.text(index) === other.text(index))
    );
  }

  /** Copies the cells from index `start` to before `end` from a grid of the same size. */
  copy(from: Grid, start: number, end: number): void {
    for (let index = start; index < end; index++) this.#copyCell(from, index, index);
  }

  /**
   * Copies `width` cells of a row of another grid, starting at one of its columns. Blanks beyond that grid, and where a
   * wide character is cut in half.
   */
  // oxlint-disable-next-line max-params -- for each row of a frame that somebody watches
  copyRow(from: Grid, fromRow: number, fromColumn: number, row: number, column: number, width: number): void {
    this.clear(row, column, width);
    if (fromRow < 0 || fromRow >= from.height) return;
    const start = fromRow * from.width + fromColumn;
    const count = Math.max(0, Math.min(width, from.width - fromColumn));
    const target = row * this.width + column;
    for (let at = 0; at < count; at++) {
      const index = start + at;
      const isCutLead =
        at === count - 1 && fromColumn + count < from.width && from.characters[index + 1] === continuation;
      const isCut = isCutLead || (at === 0 && from.characters[index] === continuation);
      if (!isCut) this.#copyCell(from, index, target + at);
    }
  }

  /** Moves the rows `top` to `bottom` down by `by`, or up when it is negative; those that come in are plain blanks. */
  moveRows(top: number, bottom: number, by: number): void {
    const from = (by > 0 ? top : top - by) * this.width;
    const to = (by > 0 ? bottom - by : bottom) * this.width + this.width;
    this.#move(from, to, by * this.width);
    const fresh = by > 0 ? top : bottom + by + 1;
    for (let row = fresh; row < fresh + Math.abs(by); row++) this.clear(row, 0, this.width);
    this.dirty.fill(1, top, bottom + 1);
  }

  /**
   * Moves what follows a column of a row right by `by`, or left when it is negative; cells that come in are plain
   * blanks. None may be wide.
   */
  moveCells(row: number, column: number, by: number): void {
    const end = (row + 1) * this.width;
    const start = row * this.width + column;
    this.#move(by > 0 ? start : start - by, by > 0 ? end - by : end, by);
    this.clear(row, by > 0 ? column : this.width + by, Math.abs(by));
  }

  /** Whether a cell is a blank on the terminal's own background, which an erasing sequence can draw. */
  isErased(index: number): boolean {
    return this.characters[index] === blank && this.backgrounds[index] === defaultColor && this.attributes[index] === 0;
  }

  /** Makes every cell `unknown`, so that it differs from any other. */
  forget(): void {
    this.characters.fill(unknown);
    this.#clusters.clear();
  }

  /** Blanks the other halves of wide characters that are about to be overwritten in part. */
  #clearHalves(index: number, column: number, wide: boolean): void {
    if (this.characters[index] === continuation && column > 0) this.#write(index - 1, blank, plainPen);
    const last = wide ? index + 1 : index;
    const lastColumn = wide ? column + 1 : column;
    if (lastColumn + 1 < this.width && this.characters[last + 1] === continuation)
      this.#write(last + 1, blank, plainPen);
  }

  #move(from: number, to: number, by: number): void {
    for (const cells of [this.characters, this.foregrounds, this.backgrounds, this.attributes])
      cells.copyWithin(from + by, from, to);
    if (this.#clusters.size === 0) return;
    const moved = [...this.#clusters].filter(([index]) => index >= from && index < to);
    for (let index = from + by; index < to + by; index++) this.#clusters.delete(index);
    for (const [index, text] of moved) this.#clusters.set(index + by, text);
  }

  #copyCell(from: Grid, fromIndex: number, index: number): void {
    this.characters[index] = from.characters[fromIndex] ?? blank;
    this.foregrounds[index] = from.foregrounds[fromIndex] ?? defaultColor;
    this.backgrounds[index] = from.backgrounds[fromIndex] ?? defaultColor;
    this.attributes[index] = from.attributes[fromIndex] ?? 0;
    if (from.isCluster(fromIndex)) this.#clusters.set(index, from.text(fromIndex));
    else if (this.#clusters.size > 0) this.#clusters.delete(index);
  }

  #write(index: number, character: number, pen: Pen): void {
    if (this.#clusters.size > 0) this.#clusters.delete(index);
    this.characters[index] = character;
    this.backgrounds[index] = pen.background;
    if (character === blank) {
      const attributes = pen.attributes & visibleOnBlank;
      this.attributes[index] = attributes;
      this.foregrounds[index] = attributes === 0 ? defaultColor : pen.foreground;
    } else {
      this.attributes[index] = pen.attributes;
      this.foregrounds[index] = pen.foreground;
    }
  }
}
