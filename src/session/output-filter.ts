/**
 * Theory of operation: a program's output passes through here before the emulator sees it. xterm.js obeys whatever it
 * reads, on the thread that everybody's keystrokes wait for, and keeps what it is told to keep: with 6.0.0 `ESC [
 * 2147483647 L` takes half an hour, a list of colours is read in the square of its length, a title of 200 MB is kept,
 * `ESC [ 1 J` in the last cell of a fresh screen throws. So this is a machine of a few states over bytes which lets in
 * text and the sequences that we show something of, each with numbers that fit the screen (control-sequences.ts), and
 * nothing else: no strings (titles, colours, links, images) at all.
 *
 * What is let in has a price in steps, one for about each cell that the emulator touches, never less. Whoever reads
 * says how many steps may be spent: so the time of a slice is bounded by counting, whatever the clock says.
 * test/session/output-filter.test.ts feeds every handler of xterm.js its worst, and compares the prices with the work
 * that is done.
 *
 * The machine may be cut at any byte. Half a sequence is kept here, never in the emulator, and is at most `maxSequence`
 * long.
 */
import type { TerminalSize } from "../base/terminal.ts";
import { charWidth } from "../base/width.ts";
import { acceptControl, acceptEscape } from "./control-sequences.ts";
import { Prices, type Priced } from "./output-prices.ts";

/** Longest sequence in bytes; a longer one is dropped. */
const maxSequence = 256;
/** Longest string in bytes; what follows is text. */
const maxString = 4096;
/** Most marks on one letter; the rest is dropped. Languages need four, the flag of Scotland six. */
const maxMarks = 8;
/** Instead of a count of marks: there is no letter that a mark could join. */
const noLetter = -1;
/** Marks dropped for lack of room before it is checked again whether there is room. */
const marksBetweenChecks = 1000;
/** Most bytes for the emulator from one reading. */
const capacity = 16 * 1024;
/** Most bytes that one step of the machine adds. */
const reserve = maxSequence + 16;

const escape = 0x1b;
const bell = 0x07;
/** The last letter of REP, which repeats what was printed last. */
const repeat = 0x62;
/** Whether a byte cancels a sequence (CAN, SUB). */
const isCancel = (byte: number): boolean => byte === 0x18 || byte === 0x1a;

/** The state of the machine: in text, after ESC, after ESC [, in a string, in a string that a bell ends too. */
type State = "text" | "escape" | "control" | "string" | "command";

/** The result of reading some output. */
export interface Slice {
  /** Bytes for the emulator; valid until the next reading. */
  readonly output: Uint8Array;
  /** Bytes of the data that were read. */
  readonly read: number;
  /** The price in steps. */
  readonly steps: number;
}

/** The emulator that the filter works for. */
export interface FilterOptions {
  readonly size: TerminalSize;
  /** Lines that the emulator keeps above the screen. */
  readonly scrollback: number;
  /** How many more marks (accents, parts of emoji) the emulator can keep; asked when the last answer is used up. */
  readonly roomForMarks: () => number;
}

/** The filter of one console. */
export class OutputFilter {
  readonly #roomForMarks: () => number;
  readonly #output = Buffer.alloc(capacity);
  #prices: Prices;
  #length = 0;
  #steps = 0;
  #state: State = "text";
  /** The part of a sequence that has arrived after ESC or ESC [. */
  #collected = "";
  /** Bytes of the string that is being dropped, and its last byte. */
  #stringLength = 0;
  #previous = 0;
  /** The first bytes of an incomplete character, and how many are missing. */
  readonly #character: number[] = [];
  #missing = 0;
  /**
   * Whether nothing has come since the last letter, so that REP may repeat it. The emulator does not see everything in
   * between.
   */
  #repeatable = false;
  /** Marks on the last letter. */
  #marks = noLetter;
  #allowedMarks = 0;
  #leftOut = 0;
  /** The remaining pieces of a sequence that was cut up. */
  #pieces: Priced[] = [];

  constructor({ size, scrollback, roomForMarks }: FilterOptions) {
    this.#roomForMarks = roomForMarks;
    this.#prices = new Prices(size, scrollback);
  }

  /** Whether something is left of what was read: `read` continues with it, also without more data. */
  get unfinished(): boolean {
    return this.#pieces.length > 0;
  }

  /** Sets the size of the screen in cells, and the lines kept above it. */
  resize(size: TerminalSize, scrollback: number): void {
    const { insertMode } = this.#prices;
    this.#prices = new Prices(size, scrollback);
    this.#prices.insertMode = insertMode;
  }

  /** Starts again, because the emulator was reset. */
  reset(): void {
    this.#begin("text");
    this.#prices.insertMode = false;
    this.#pieces = [];
    this.#missing = 0;
    this.#marks = noLetter;
  }

  /**
   * Reads `data` from offset `from` until all is read or `budget` steps are spent; the last sequence may exceed the
   * budget.
   */
  read(data: Uint8Array, from: number, budget: number): Slice {
    this.#length = 0;
    this.#steps = 0;
    const isFull = (): boolean => this.#steps >= budget || this.#length + reserve > capacity;
    let at = from;
    for (;;) {
      while (this.#pieces.length > 0 && !isFull()) this.#write(this.#pieces.shift());
      if (at >= data.length || isFull()) break;
      this.#byte(data[at] ?? 0);
      at++;
    }
    return { output: this.#output.subarray(0, this.#length), read: at - from, steps: this.#steps };
  }

  #byte(byte: number): void {
    switch (this.#state) {
      case "text":
        return byte < 0x80 ? this.#ascii(byte) : this.#partOfCharacter(byte);
      case "escape":
      case "control":
        return this.#inSequence(byte);
      case "string":
      case "command":
        return this.#inString(byte);
      default:
        return this.#state satisfies never;
    }
  }

  #ascii(byte: number): void {
    this.#missing = 0; // a character that was not finished is dropped, as the emulator does
    if (byte < 0x20 || byte > 0x7e) return this.#controlCharacter(byte);
    this.#marks = 0;
    this.#repeatable = true;
    this.#put(byte);
    this.#steps += this.#prices.letter;
  }

  #controlCharacter(byte: number): void {
    if (byte === escape) return this.#begin("escape");
    this.#steps++;
    if (byte < 0x20) this.#repeatable = false;
    const steps = this.#prices.controls.get(byte);
    if (steps === undefined) return;
    this.#marks = noLetter;
    this.#put(byte);
    this.#steps += steps;
  }

  /** Takes a byte of UTF-8; only complete, valid characters go on. */
  #partOfCharacter(byte: number): void {
    this.#steps++;
    if (byte >= 0xc0) {
      this.#character.length = 0;
      this.#missing = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
    }
    if (this.#missing === 0) return;
    this.#character.push(byte);
    if (--this.#missing > 0) return;
    const code = codePointOf(this.#character);
    if (code === undefined) return;
    if (code < 0xa0) this.#eightBitControl(code);
    else this.#beyondAscii(code);
  }

  /** U+0080 to U+009F mean the same as ESC and a letter. */
  #eightBitControl(code: number): void {
    const letter = code - 0x40;
    // Of those that begin nothing, xterm.js knows three.
    if (!"DEH[]PX^_\\".includes(String.fromCharCode(letter))) return;
    this.#begin("escape");
    this.#afterEscape(letter);
  }

  #beyondAscii(code: number): void {
    if (charWidth(code) > 0) {
      this.#marks = 0;
      this.#repeatable = true;
    } else if (this.#marks !== noLetter && !this.#takeMark()) return;
    for (const byte of this.#character) this.#put(byte);
    this.#steps += this.#prices.letter;
  }

  /** Counts a mark that joins a letter; false when it is dropped. */
  #takeMark(): boolean {
    if (this.#marks >= maxMarks) return false;
    if (this.#allowedMarks === 0 && this.#leftOut % marksBetweenChecks === 0) {
      this.#allowedMarks = this.#roomForMarks();
      this.#steps += this.#prices.lookAtMarks;
    }
    if (this.#allowedMarks === 0) {
      this.#leftOut++;
      return false;
    }
    this.#leftOut = 0;
    this.#allowedMarks--;
    this.#marks++;
    return true;
  }

  /** Takes a byte of a sequence. Control characters inside it take effect before it, and an impossible byte ends it. */
  #inSequence(byte: number): void {
    this.#steps++;
    if (byte >= 0x80) {
      this.#begin("text");
      this.#partOfCharacter(byte);
    } else if (isCancel(byte)) this.#accept([]);
    else if (byte < 0x20) this.#controlCharacter(byte);
    else if (byte === 0x7f) return;
    else if (this.#state === "escape") this.#afterEscape(byte);
    else this.#afterIntroducer(byte);
  }

  #afterEscape(byte: number): void {
    const letter = String.fromCharCode(byte);
    if (this.#collected === "") {
      if (letter === "[") return this.#begin("control");
      if (letter === "]") return this.#begin("command");
      if ("PX^_".includes(letter)) return this.#begin("string");
    }
    this.#collect(letter);
    if (byte < 0x30) return;
    this.#accept(acceptEscape(this.#collected, this.#prices));
  }

  #afterIntroducer(byte: number): void {
    this.#collect(String.fromCharCode(byte));
    if (byte < 0x40) return;
    if (byte === repeat && !this.#repeatable) return this.#accept([]);
    this.#accept(this.#collected.length > maxSequence ? [] : acceptControl(this.#collected, this.#prices));
  }

  /** Collects one byte more than allowed, which shows that the sequence is too long. */
  #collect(letter: string): void {
    if (this.#collected.length <= maxSequence) this.#collected += letter;
  }

  #inString(byte: number): void {
    this.#steps++;
    const afterC2 = this.#previous === 0xc2;
    this.#previous = byte;
    if (byte === escape) this.#begin("escape");
    else if (isCancel(byte) || (byte === bell && this.#state === "command") || ++this.#stringLength >= maxString)
      this.#begin("text");
    else if (afterC2 && byte >= 0x80 && byte < 0xa0) {
      this.#begin("text");
      this.#eightBitControl(byte);
    }
  }

  #begin(state: State): void {
    this.#state = state;
    this.#collected = "";
    this.#stringLength = 0;
    this.#previous = 0;
    this.#missing = 0;
    if (state !== "text") this.#marks = noLetter;
    if (state === "string" || state === "command") this.#repeatable = false;
  }

  #accept(pieces: readonly Priced[]): void {
    this.#begin("text");
    this.#repeatable = false;
    if (pieces.length <= 1) this.#write(pieces[0]);
    else this.#pieces.push(...pieces);
  }

  #write(piece: Priced | undefined): void {
    if (!piece) return;
    this.#length += this.#output.write(piece.text, this.#length, "latin1");
    this.#steps += piece.steps;
  }

  #put(byte: number): void {
    this.#output[this.#length++] = byte;
  }
}

/** The code point of two to four bytes; undefined for invalid UTF-8. */
function codePointOf(bytes: readonly number[]): number | undefined {
  const [first = 0, ...others] = bytes;
  if (others.some((byte) => byte >= 0xc0)) return undefined;
  const code = others.reduce((sum, byte) => sum * 64 + (byte & 0x3f), first & (0x7f >> bytes.length));
  const least = [0, 0, 0x80, 0x800, 0x10000][bytes.length] ?? 0;
  return code < least || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff) ? undefined : code;
}
