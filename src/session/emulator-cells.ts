/**
 * The cells of a row of the emulator, read from its own words: three for each cell (its letter and width, two for its
 * style). The public way, an object for each cell, takes longer than parsing the output. Pinned, as emulator.ts says;
 * test/session/console-text.test.ts compares both ways.
 */

/** A row as xterm.js keeps it. */
export interface EmulatorRow {
  readonly _data: Uint32Array;
  readonly _combined: Readonly<Record<string, string>>;
  readonly isWrapped: boolean;
  readonly length: number;
}

const words = 3;
const codeMask = 0x1fffff;
const combined = 0x200000;
const widthShift = 22;
const plainMask = ~0x7f;
const plainWidth = 1 << widthShift;
const invisible = 0x40000000;
/** What a blank shows of its style: inverse and underlines in front, everything behind but italics and dim. */
const seenInFront = 0x14000000;
const seenBehind = 0x43ffffff;

/** Reads rows: one object for all of them. */
export class CellWords {
  #data: Uint32Array = new Uint32Array(0);
  #row: EmulatorRow | undefined;
  #columns = 0;

  /** Reads another row from now on. */
  read(row: EmulatorRow, columns: number): this {
    this.#row = row;
    this.#data = row._data;
    this.#columns = Math.min(columns, row.length);
    return this;
  }

  /** The column after the last that shows something. `isContinued`: blanks count, but for one before a wide letter. */
  contentEnd(isContinued: boolean): number {
    let end = this.#columns;
    const data = this.#data;
    if (isContinued) return end > 0 && this.#isNothing(end - 1) ? end - 1 : end;
    for (let at = (end - 1) * words; end > 0; end--, at -= words) {
      const isTouched = ((data[at] ?? 0) ^ plainWidth) | (data[at + 1] ?? 0) | (data[at + 2] ?? 0);
      if (isTouched !== 0 && !this.#isBlank(end - 1)) break;
    }
    return end;
  }

  /** Copies the letters before a column to an offset; false when one is not plain ASCII in the terminal's own colours. */
  copyPlain(letters: Uint8Array, to: number, end: number): boolean {
    const data = this.#data;
    for (let column = 0, at = 0; column < end; column++, at += words) {
      const content = data[at] ?? 0;
      // Its width, and nothing but seven bits of a letter.
      if ((content & plainMask) !== plainWidth || data[at + 1] !== 0 || data[at + 2] !== 0) return false;
      const code = content & 0x7f;
      letters[to + column] = code === 0 ? 0x20 : code;
    }
    return true;
  }

  /** What a cell shows: a letter with its marks, or a blank; empty for the second half of a wide letter. */
  letters(column: number): string {
    const content = this.#data[column * words] ?? 0;
    const width = content >>> widthShift;
    if (width === 0) return "";
    if (this.front(column) & invisible) return " ".repeat(width);
    if (content & combined) return this.#row?._combined[column] ?? " ";
    const code = content & codeMask;
    return code === 0 ? " " : String.fromCodePoint(code);
  }

  /** The first word of a cell's style. */
  front(column: number): number {
    return this.#data[column * words + 1] ?? 0;
  }

  /** The second word of a cell's style. */
  back(column: number): number {
    return this.#data[column * words + 2] ?? 0;
  }

  #isNothing(column: number): boolean {
    return this.#data[column * words] === 1 << widthShift && this.#isPlainBlank(column);
  }

  #isBlank(column: number): boolean {
    const content = this.#data[column * words] ?? 0;
    const code = content & codeMask;
    const isLetter = (content & combined) !== 0 || content >>> widthShift !== 1 || (code !== 0 && code !== 0x20);
    return !isLetter && this.#isPlainBlank(column);
  }

  #isPlainBlank(column: number): boolean {
    return (this.front(column) & seenInFront) === 0 && (this.back(column) & seenBehind) === 0;
  }
}

const inPalette = 0x3000000;
const rgb = 0x3000000;
const bit = { inverse: 0x4000000, bold: 0x8000000, underline: 0x10000000 } as const;
const behind = { italic: 0x4000000, dim: 0x8000000, overline: 0x40000000 } as const;

/** The style of two words, in the names of terminal/draw/cell-style; session/character-styles says why overline. */
export interface WordStyle {
  readonly foreground: number | undefined;
  readonly background: number | undefined;
  readonly bold: boolean;
  readonly dim: boolean;
  readonly italic: boolean;
  readonly underline: boolean;
  readonly inverse: boolean;
}

/** What a cell with these words looks like. */
export function styleOfWords(front: number, back: number): WordStyle {
  return {
    foreground: colorOf(front),
    background: colorOf(back),
    bold: (front & bit.bold) !== 0,
    dim: (back & behind.dim) !== 0,
    italic: (back & behind.italic) !== 0,
    underline: (front & bit.underline) !== 0 || (back & behind.overline) !== 0,
    inverse: (front & bit.inverse) !== 0,
  };
}

/** 0 to 255 of the palette, or 0x1000000 + RGB. */
function colorOf(word: number): number | undefined {
  const mode = word & inPalette;
  if (mode === 0) return undefined;
  return mode === rgb ? 0x1000000 + (word & 0xffffff) : word & 0xff;
}
