/**
 * The price, in steps, of everything a program can print: one step for each cell or line that the loops of xterm.js
 * touch (InputHandler, Buffer and CircularList of 6.0.0), never less. A step takes about 10 ns.
 */
import type { TerminalSize } from "../base/terminal.ts";

/** Steps of a slice, after which others have their turn; its last sequence may take as many again. */
export const stepsOfSlice = 100_000;

/** A piece of output for the emulator, as Latin-1 text, with its price in steps. */
export interface Priced {
  readonly text: string;
  readonly steps: number;
}

/** A character without the cost of its line: decoding, its width, three words of its cell. */
const character = 3;
/** A sequence of any kind. */
const sequence = 20;

/** The prices on a screen of one size. */
export class Prices {
  readonly columns: number;
  readonly rows: number;
  /** Lines that a splice may move, those above the screen included. */
  readonly #lines: number;
  /** Whether each letter moves the rest of its line; false at first. */
  insertMode = false;
  /**
   * Prices of the control characters that do something: backspace, tab, three kinds of new line, return, two character
   * sets. The bell is dropped.
   */
  readonly controls: ReadonlyMap<number, number>;
  readonly #letter: number;

  constructor({ columns, rows }: TerminalSize, scrollback: number) {
    this.columns = columns;
    this.rows = rows;
    this.#lines = rows + scrollback;
    const { lineFeed, tab } = this;
    this.#letter = character + Math.ceil((2 * lineFeed) / columns);
    this.controls = new Map([
      [8, sequence],
      [9, tab],
      [10, lineFeed],
      [11, lineFeed],
      [12, lineFeed],
      [13, sequence],
      [14, sequence],
      [15, sequence],
    ]);
  }

  /**
   * One more line at the end of the screen or of a region in it: the new line is filled, those of the region move, and
   * the one that leaves is kept as text.
   */
  get lineFeed(): number {
    return 3 * this.columns + this.rows + sequence;
  }

  /**
   * A letter, with its share of the line feeds from wrapping: it may be two columns wide, and every second one the last
   * of its line.
   */
  get letter(): number {
    return this.insertMode ? this.#letter + 3 * this.columns : this.#letter;
  }

  /** A move of the cursor: the next letter may wrap although no line was filled. */
  get move(): number {
    return this.lineFeed;
  }

  /** All cells of a line. */
  get line(): number {
    return 3 * this.columns + sequence;
  }

  /** All cells of the screen, once. */
  get screen(): number {
    return this.rows * (this.columns + 10) + sequence;
  }

  /** All cells of the screen, each moved in its line. */
  get shift(): number {
    return this.rows * (2 * this.columns + 10) + sequence;
  }

  /** A new screen, its lines and the list of those above it included. */
  get newScreen(): number {
    return this.rows * (3 * this.columns + 20) + this.#lines + sequence;
  }

  /** Inserting or deleting lines: each time all lines behind them move twice. */
  spliced(lines: number): number {
    return lines * (2 * this.#lines + 3 * this.columns + sequence) + sequence;
  }

  /** A search for tab stops. */
  get tab(): number {
    return this.columns + sequence;
  }

  /** A query: the answer goes to the program and may come back. */
  get answer(): number {
    return 1000;
  }

  /** A search of all lines for marks, of which there is a bounded number. */
  get lookAtMarks(): number {
    return 20 * this.#lines + 20_000;
  }

  /** A sequence of any kind. */
  get sequence(): number {
    return sequence;
  }
}
