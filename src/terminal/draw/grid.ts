/**
 * The cells of a screen, as flat arrays (13 bytes a cell, where an object a cell took over 100). Invariants, held by
 * `set`, `setWide` and `combine` alone: a wide character's lead is followed by its continuation in the same style; a continuation
 * follows a lead; a blank carries no colour or attribute that cannot be seen on a blank.
 */
import { giveCellMemory, takeCellMemory } from "./cell-memory.ts";
import { attribute, defaultColor, type ColorCode } from "./codes.ts";

/** The right half of a wide character. */
export const continuation = 0;
export const blank = 0x20;
/** A cell that equals no other: what the terminal shows there is not known. */
export const unknown = 0xffffffff;

/** Set in a cell whose base character carries combining marks; the whole text is in the grid's `clusters`. */
const clusterFlag = 0x80000000;
/** Marks kept on one character; more than a script needs, and few enough to bound the memory. */
const maxMarks = 6;

/** Character, two colours, attributes. */
const cellBytes = 13;

const visibleOnBlank = attribute.underline | attribute.inverse;

export interface Pen {
  readonly foreground: ColorCode;
  readonly background: ColorCode;
  readonly attributes: number;
}

export const plainPen: Pen = { foreground: defaultColor, background: defaultColor, attributes: 0 };

export class Grid {
  readonly width: number;
  readonly height: number;
  characters: Uint32Array;
  foregrounds: Uint32Array;
  backgrounds: Uint32Array;
  attributes: Uint8Array;
  /** Rows written to since the renderer last looked. */
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

  /** Gives its memory to the next grid. Whoever still looks at this one finds no cells: the memory may be somebody else's by then. */
  release(): void {
    const memory = this.characters.buffer as ArrayBuffer;
    this.characters = this.foregrounds = this.backgrounds = new Uint32Array(0);
    this.attributes = new Uint8Array(0);
    this.#clusters.clear();
    if (memory.byteLength > 0) giveCellMemory(memory);
  }

  /** Puts a character of one column into a cell. */
  set(row: number, column: number, codePoint: number, pen: Pen): void {
    const index = row * this.width + column;
    this.#clearHalves(index, column, false);
    this.#write(index, codePoint, pen);
    this.dirty[row] = 1;
  }

  /** Puts a character of two columns into a cell and the one after it, which must be in the row. */
  setWide(row: number, column: number, codePoint: number, pen: Pen): void {
    const index = row * this.width + column;
    this.#clearHalves(index, column, true);
    this.#write(index, codePoint, pen);
    this.#write(index + 1, continuation, pen);
    this.dirty[row] = 1;
  }

  /** Adds a combining mark to the character at a cell; does nothing on a blank or when there are too many. */
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

  /** Makes a part of a row plain blanks. */
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

  /** The character of a cell with its marks; empty for a continuation. */
  text(index: number): string {
    const character = this.characters[index] ?? blank;
    if (character === continuation || character === unknown) return "";
    if (character & clusterFlag) return this.#clusters.get(index) ?? "";
    return String.fromCodePoint(character);
  }

  isCluster(index: number): boolean {
    return ((this.characters[index] ?? 0) & clusterFlag) !== 0;
  }

  /** True when a cell looks the same in another grid of the same size. */
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

  /** Takes over a run of cells from a grid of the same size. */
  copy(from: Grid, start: number, end: number): void {
    for (let index = start; index < end; index++) this.#copyCell(from, index, index);
  }

  /**
   * Copies `width` cells of a row of another grid, from a column on; beyond that grid there are blanks. Of a wide character that is
   * cut, a blank is seen.
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

  /** True for a blank whose background is the terminal's own, which an erasing sequence can make. */
  isErased(index: number): boolean {
    return this.characters[index] === blank && this.backgrounds[index] === defaultColor && this.attributes[index] === 0;
  }

  /** Forgets what the cells hold, so that each differs from anything. */
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
