/**
 * What each thing that a program prints costs the emulator, in steps: one for each cell or line that xterm.js touches in its loops, as
 * they stand in its InputHandler, Buffer and CircularList (6.0.0), and never less. A step takes about 10 ns.
 */
import type { TerminalSize } from "../base/terminal.ts";

/** Something for the emulator, as Latin-1 text, with its price in steps. */
export interface Priced {
  readonly text: string;
  readonly steps: number;
}

/** A character without what its line costs: decoding, its width, three words of its cell. */
const character = 3;
/** A sequence of any kind. */
const sequence = 20;

export class Prices {
  readonly columns: number;
  readonly rows: number;
  /** Lines that a splice may move: those above the screen as well. */
  readonly #lines: number;
  /** Each letter moves the rest of its line. */
  insertMode = false;
  /** Control characters that do something: backspace, tab, three kinds of new line, return, two character sets. A bell is not heard. */
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

  /** A line more at the end of the screen or of a region in it: the new one is filled, those of the region move. */
  get lineFeed(): number {
    return 2 * this.columns + this.rows + sequence;
  }

  /** A letter, with its part of the line feeds that wrapping makes: two columns wide, every second one may be the last. */
  get letter(): number {
    return this.insertMode ? this.#letter + 3 * this.columns : this.#letter;
  }

  /** The cursor goes elsewhere: the next letter may wrap although no line was filled. */
  get move(): number {
    return this.lineFeed;
  }

  /** Cells of one line. */
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

  /** Lines are put in or taken out: each time all behind them move twice. */
  spliced(lines: number): number {
    return lines * (2 * this.#lines + 3 * this.columns + sequence) + sequence;
  }

  /** A search for tab stops. */
  get tab(): number {
    return this.columns + sequence;
  }

  /** A question: what answers it goes to the program and may come back. */
  get answer(): number {
    return 1000;
  }

  /** All lines are looked through for marks, of which there is a bounded number. */
  get lookAtMarks(): number {
    return 20 * this.#lines + 20_000;
  }

  get sequence(): number {
    return sequence;
  }
}
