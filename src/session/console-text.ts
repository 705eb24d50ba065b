/**
 * All that a console has printed, as lines with numbers: those that its screen has pushed out (console-history), then
 * those of the emulator, its screen included. A program's own screen (an editor, a game) is not part of it. Readers of
 * their own on any number of terminals look at it; nothing here knows where they are.
 */
import { ConsoleHistory, maxBytes } from "./console-history.ts";
import { emptyLine, joined, lineOfRow, type ConsoleLine } from "./console-lines.ts";
import { CellWords, type EmulatorRow } from "./emulator-cells.ts";
import { keepDropped, rowOf, scrollOut, type Emulator, type Keeper } from "./emulator.ts";

/** Most bytes of a console: cells, and lines as text. */
const maxConsoleBytes = 3_700_000;
/** Bytes of a cell; there are two screens. */
const cellBytes = 12;
/** The same of a console that is not shown. */
const maxAsideBytes = 900_000;
/** Lines that stay when a console is started again. */
const keptLines = 500;
/** Most pauses of the output that are remembered. */
const maxPauses = 2000;

/** A place in the text: a line's number, and an offset in UTF-16 units. */
export interface ConsolePlace {
  readonly line: number;
  readonly offset: number;
}

const cells = new CellWords();

/** The lines of one console. */
export class ConsoleText implements Keeper {
  readonly #emulator: Emulator;
  readonly #history = new ConsoleHistory();
  /** Whether the row that comes next goes on with the last line of the history. */
  #goesOn = false;
  #version = 0;
  #live: Live | undefined;
  #isAside = false;
  /** Numbers of lines before which the console waited for the person, ascending. */
  #pauses: number[] = [];

  constructor(emulator: Emulator) {
    this.#emulator = emulator;
    keepDropped(emulator, this);
    this.resized();
  }

  /** The number of the oldest line. */
  get first(): number {
    return this.#history.first;
  }

  /** The number after that of the last line which has something, or the cursor. */
  get end(): number {
    const { start, lines } = this.#lines;
    return start + lines.length;
  }

  /** The number after that of the last line which no longer changes. */
  get settled(): number {
    return this.#history.end - (this.#goesOn ? 1 : 0);
  }

  /** Grows with each change. */
  get version(): number {
    return this.#version;
  }

  /** Bytes that the lines outside the emulator take. */
  get bytes(): number {
    return this.#history.bytes;
  }

  /** The numbers of lines at which the program, or Python, began to wait for the person or went on. */
  get pauses(): readonly number[] {
    return this.#pauses;
  }

  /** A line; empty for a number that there is not. */
  line(number: number): ConsoleLine {
    const { start, lines } = this.#lines;
    return (number >= start ? lines[number - start] : this.#history.line(number)) ?? emptyLine;
  }

  /** The place at which a row of the emulator begins, counted from the top of what it keeps. */
  placeOf(row: number): ConsolePlace {
    const { start, places } = this.#lines;
    return places[row] ?? places.at(-1) ?? { line: start, offset: 0 };
  }

  /** The place of the cursor. */
  get cursor(): ConsolePlace {
    const { normal } = this.#emulator.buffer;
    const row = normal.baseY + normal.cursorY;
    const { line, offset } = this.placeOf(row);
    const before = rowOf(this.#emulator, row);
    if (!before) return { line, offset };
    cells.read(before, this.#emulator.cols);
    let letters = 0;
    for (let column = 0; column < normal.cursorX; column++) letters += cells.letters(column).length;
    return { line, offset: offset + letters };
  }

  /** Something was printed. */
  touch(): void {
    this.#version++;
    this.#live = undefined;
  }

  /** The emulator has another size. */
  resized(): void {
    const { cols, rows } = this.#emulator;
    const scrollback = this.#emulator.options.scrollback ?? 0;
    const most = this.#isAside ? maxAsideBytes : maxConsoleBytes;
    this.#history.limit(Math.min(maxBytes, most - cols * (2 * rows + scrollback) * cellBytes));
    this.touch();
  }

  /** Notes whether the console is out of sight: it keeps less then. */
  setAside(isAside: boolean): void {
    this.#isAside = isAside;
    this.resized();
  }

  /** Notes that what comes now is another stretch of output. */
  pause(): void {
    const { normal } = this.#emulator.buffer;
    const { line } = this.placeOf(normal.baseY + normal.cursorY);
    const number = normal.cursorX === 0 ? line : line + 1;
    if (this.#pauses.at(-1) === number) return;
    this.#pauses.push(number);
    if (this.#pauses.length > maxPauses || (this.#pauses[0] ?? 0) < this.first)
      this.#pauses = this.#pauses.slice(-maxPauses / 2).filter((at) => at >= this.first);
  }

  /** Clears the screen but for the line with the cursor; what it showed can be read above. */
  clearScreen(): void {
    scrollOut(this.#emulator, this);
    this.touch();
  }

  /** Forgets everything but the line with the cursor. */
  clear(): void {
    scrollOut(this.#emulator, undefined);
    this.forget();
  }

  /** Gives memory back: the newest lines stay. */
  shorten(): void {
    this.#history.keepNewest(keptLines);
    this.touch();
  }

  keep(row: EmulatorRow, isContinued: boolean): void {
    cells.read(row, this.#emulator.cols);
    this.#history.add(cells, cells.contentEnd(isContinued), this.#goesOn);
    this.#goesOn = isContinued;
  }

  forget(): void {
    this.#history.keepNewest(0);
    this.#goesOn = false;
    this.#pauses = [];
    this.touch();
  }

  get #lines(): Live {
    this.#live ??= this.#read();
    return this.#live;
  }

  #isWrapped(row: number): boolean {
    return rowOf(this.#emulator, row)?.isWrapped ?? false;
  }

  #row(index: number): ConsoleLine {
    const row = rowOf(this.#emulator, index);
    return row ? lineOfRow(cells.read(row, this.#emulator.cols), this.#isWrapped(index + 1)) : emptyLine;
  }

  /** Reads the emulator's lines: a few hundred at most, once for each frame in which somebody reads them. */
  #read(): Live {
    const { normal } = this.#emulator.buffer;
    const goesOn = this.#goesOn && this.#isWrapped(0);
    const start = this.#history.end - (goesOn ? 1 : 0);
    const lines: ConsoleLine[] = [(goesOn ? this.#history.line(start) : undefined) ?? emptyLine];
    const places: ConsolePlace[] = [];
    const cursorRow = normal.baseY + normal.cursorY;
    let filled = 0;
    for (let index = 0; index < normal.length; index++) {
      if (index > 0 && !this.#isWrapped(index)) lines.push(emptyLine);
      const before = lines.at(-1) ?? emptyLine;
      places.push({ line: start + lines.length - 1, offset: before.text.length });
      const line = this.#row(index);
      lines[lines.length - 1] = joined(before, line);
      if (line.text !== "" || index === cursorRow) filled = lines.length;
    }
    return { start, lines: lines.slice(0, filled), places };
  }
}

/** The emulator's lines. */
interface Live {
  /** The number of the first. */
  readonly start: number;
  readonly lines: readonly ConsoleLine[];
  /** The place at which each row begins. */
  readonly places: readonly ConsolePlace[];
}
