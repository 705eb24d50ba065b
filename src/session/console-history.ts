/**
 * The rows that a console's output has pushed off its screen, oldest first, as lines. Each line has a number that stays
 * the same, so that a reader finds a place again while output goes on and old lines are dropped.
 *
 * A flood of output comes through here and nobody reads most of it. So rows are written into blocks of bytes, without
 * an object for each of them that would have to be collected, and become texts only when they are read; the oldest
 * block is dropped as a whole.
 */
import { emptyLine, joined, styledLine, styleLength, type ConsoleLine } from "./console-lines.ts";
import type { CellWords } from "./emulator-cells.ts";

/** Most lines kept. */
export const maxLines = 10_000;
/** Most bytes kept, a whole number of blocks and the list of lines. */
export const maxBytes = 2 << 20;
/** Longest line in letters; what follows is another one. */
const maxLength = 16_384;
const blockBytes = 1 << 16;
/** Lines whose places are noted, in a list that grows. */
const firstPlaces = 256;
/** Texts of lines that were read last. */
const maxKnown = 256;

/** A row in a block: its kind, two bytes for its length, two for the number of its styles; letters and styles. */
const headBytes = 5;
const kind = { end: 0, plain: 1, wide: 2, continues: 4 } as const;
const styleBytes = 10;

/** The rows of one console. */
export class ConsoleHistory {
  /** The blocks; the first has the number `#firstBlock`. */
  #blocks: Buffer[] = [];
  #firstBlock = 0;
  /** Where the next row goes in the last block. */
  #at = blockBytes;
  /** The places of lines, by their number modulo the length: a block's number and an offset in it. */
  #places = new Float64Array(firstPlaces);
  #first = 0;
  #end = 0;
  /** Letters of the newest line. */
  #length = 0;
  #maxBlocks = Math.floor(maxBytes / blockBytes) - 2;
  readonly #known = new Map<number, ConsoleLine>();

  /** The number of the oldest line. */
  get first(): number {
    return this.#first;
  }

  /** The number after that of the newest line. */
  get end(): number {
    return this.#end;
  }

  /** Bytes that the lines take. */
  get bytes(): number {
    return this.#blocks.length * blockBytes + this.#places.byteLength;
  }

  /** The line with a number. */
  line(number: number): ConsoleLine | undefined {
    if (number < this.#first || number >= this.#end) return undefined;
    const known = this.#known.get(number);
    if (known) return known;
    const line = this.#readLine(this.#places[number % this.#places.length] ?? 0);
    if (this.#known.size >= maxKnown) this.#known.clear();
    if (number < this.#end - 1) this.#known.set(number, line);
    return line;
  }

  /** Adds a row: a line, or more of the last one. `columns` of it have something. */
  add(row: CellWords, columns: number, continues: boolean): void {
    const isMore = continues && this.#end > this.#first && this.#length + columns <= maxLength;
    this.#length = isMore ? this.#length + columns : columns;
    const begun = isMore ? kind.continues : 0;
    if (this.#room(columns) && row.copyPlain(this.#last, this.#at + headBytes, columns))
      return this.#wrote(begun | kind.plain, columns, columns, 0);
    this.#addStyled(styledLine(row, columns), begun);
  }

  /** Sets how many bytes there may be, at most `maxBytes`. */
  limit(bytes: number): void {
    this.#maxBlocks = Math.max(2, Math.floor(Math.min(maxBytes, bytes) / blockBytes) - 2);
    this.#dropBlocks();
  }

  /** Keeps the newest lines, so many at most. */
  keepNewest(lines: number): void {
    this.#first = Math.max(this.#first, this.#end - lines);
    this.#known.clear();
    if (this.#first === this.#end) {
      this.#firstBlock += this.#blocks.length;
      this.#blocks = [];
      this.#at = blockBytes;
      return;
    }
    const { block } = this.#place(this.#first);
    this.#blocks.splice(0, block - this.#firstBlock);
    this.#firstBlock = block;
  }

  #addStyled({ text, styles = [], wide }: ConsoleLine, begun: number): void {
    const bytes = text.length * (wide ? 2 : 1) + (styles.length / styleLength) * styleBytes;
    this.#room(bytes);
    const block = this.#last;
    let at = this.#at + headBytes;
    at += block.write(text, at, wide ? "utf16le" : "latin1");
    for (let index = 0; index < styles.length; index += styleLength) {
      block.writeUInt16LE(styles[index] ?? 0, at);
      block.writeUInt32LE(styles[index + 1] ?? 0, at + 2);
      block.writeUInt32LE(styles[index + 2] ?? 0, at + 6);
      at += styleBytes;
    }
    this.#wrote(begun | (wide ? kind.wide : kind.plain), text.length, bytes, styles.length / styleLength);
  }

  /** Completes a row whose letters are in place. */
  // oxlint-disable-next-line max-params -- for each row of a flood
  #wrote(is: number, letters: number, bytes: number, styles: number): void {
    const block = this.#last;
    block[this.#at] = is;
    block[this.#at + 1] = letters & 0xff;
    block[this.#at + 2] = letters >> 8;
    block[this.#at + 3] = styles & 0xff;
    block[this.#at + 4] = styles >> 8;
    if ((is & kind.continues) === 0) this.#begin();
    this.#at += headBytes + bytes;
    block[this.#at] = kind.end;
  }

  /** Notes where a line begins. */
  #begin(): void {
    if (this.#end - this.#first >= maxLines) this.#first++;
    if (this.#end - this.#first >= this.#places.length) this.#grow();
    this.#places[this.#end % this.#places.length] =
      (this.#firstBlock + this.#blocks.length - 1) * blockBytes + this.#at;
    this.#end++;
  }

  #grow(): void {
    const before = this.#places;
    const places = new Float64Array(Math.min(maxLines, before.length * 2));
    for (let number = this.#first; number < this.#end; number++)
      places[number % places.length] = before[number % before.length] ?? 0;
    this.#places = places;
  }

  get #last(): Buffer {
    return this.#blocks[this.#blocks.length - 1] ?? noBlock;
  }

  /** Makes room for a row, in another block if need be. Always true. */
  #room(bytes: number): boolean {
    if (this.#at + headBytes + bytes < blockBytes) return true;
    // Not from Buffer's pool, which would be kept by a piece of it.
    this.#blocks.push(Buffer.allocUnsafeSlow(blockBytes));
    this.#at = 0;
    this.#dropBlocks();
    return true;
  }

  /** Drops the oldest blocks with the lines that begin in them. */
  #dropBlocks(): void {
    const dropped = this.#blocks.length - this.#maxBlocks;
    if (dropped <= 0) return;
    this.#blocks.splice(0, dropped);
    this.#firstBlock += dropped;
    while (this.#first < this.#end && this.#place(this.#first).block < this.#firstBlock) this.#first++;
    if (this.#first === this.#end) this.#length = maxLength; // the newest line has lost its beginning
  }

  #place(number: number): { readonly block: number; readonly at: number } {
    const place = this.#places[number % this.#places.length] ?? 0;
    return { block: Math.floor(place / blockBytes), at: place % blockBytes };
  }

  #readLine(place: number): ConsoleLine {
    let index = Math.floor(place / blockBytes) - this.#firstBlock;
    let at = place % blockBytes;
    let line = emptyLine;
    let block = this.#blocks[index];
    for (let isFirst = true; block; isFirst = false) {
      const is = block[at] ?? kind.end;
      if (is === kind.end) {
        block = this.#blocks[++index];
        at = 0;
        if ((block?.[0] ?? 0) & kind.continues) continue;
        return line;
      }
      if (!isFirst && (is & kind.continues) === 0) return line;
      const read = readRow(block, at, is);
      line = joined(line, read.line);
      at = read.next;
      // The last block ends where the next row will be written.
      if (block === this.#last && at >= this.#at) return line;
    }
    return line;
  }
}

const noBlock = Buffer.alloc(0);

function readRow(block: Buffer, start: number, is: number): { readonly line: ConsoleLine; readonly next: number } {
  const wide = (is & kind.wide) !== 0;
  const letters = block.readUInt16LE(start + 1);
  const count = block.readUInt16LE(start + 3);
  let at = start + headBytes;
  const text = block.toString(wide ? "utf16le" : "latin1", at, at + letters * (wide ? 2 : 1));
  at += letters * (wide ? 2 : 1);
  const styles: number[] = [];
  for (let left = count; left > 0; left--, at += styleBytes)
    styles.push(block.readUInt16LE(at), block.readUInt32LE(at + 2), block.readUInt32LE(at + 6));
  return { line: { text, styles: count === 0 ? undefined : styles, wide }, next: at };
}
