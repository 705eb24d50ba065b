/**
 * The terminal that students' programs write to: xterm.js without a screen. It gets only what output-filter.ts lets
 * through. The bounds of its memory are here: how many lines and marks it keeps, and what a resize may cost.
 */
import { Unicode11Addon } from "@xterm/addon-unicode11";
import xterm from "@xterm/headless";
import type { TerminalSize } from "../base/terminal.ts";
import type { EmulatorRow } from "./emulator-cells.ts";

/** Lines kept above the visible part; older ones are kept as text (session/console-history). */
const maxScrollback = 100;
/** Least lines kept above the visible part, for very wide screens. */
const minScrollback = 20;
/** Most cells kept, two screens among them; a cell has 12 bytes. */
const maxCells = 200_000;
/** Most marks (accents, parts of emoji) kept at the same time: each can cost 100 bytes. */
const maxMarks = 10_000;
/**
 * Most lines that a narrower screen may wrap the kept ones into; beyond that the oldest are dropped first (1000 take
 * about 3 ms).
 */
const maxReflowed = 5000;
/** Least columns: on a narrower pane, which shows nothing useful, a program's lines would be torn apart. */
const minColumns = 20;
const minRows = 2;

/** A terminal emulator with a buffer, without a screen. */
export type Emulator = xterm.Terminal;

/**
 * Internals of xterm.js that are used here. Its version is pinned, and test/session/emulator.test.ts covers each of
 * them.
 */
interface Internals {
  readonly _core: {
    readonly buffers: Readonly<Record<"normal" | "alt", ScreenBuffer>>;
    readonly _bufferService: {
      readonly buffers: { readonly active: ScreenBuffer; readonly normal: ScreenBuffer };
      scroll(attributes: unknown, isWrapped?: boolean): void;
    };
    readonly _inputHandler: {
      parse(data: Uint8Array): void;
      readonly _parser: {
        registerCsiHandler(
          id: { readonly final: string },
          handler: (parameters: { readonly params: Int32Array }) => boolean,
        ): unknown;
        registerEscHandler(id: { readonly final: string }, handler: () => boolean): unknown;
      };
    };
  };
}

interface ScreenBuffer {
  readonly scrollTop: number;
  readonly lines: {
    readonly length: number;
    readonly isFull: boolean;
    get(index: number): Line | undefined;
    push(line: Line): void;
    trimStart(count: number): void;
  };
  ybase: number;
  ydisp: number;
  y: number;
  getBlankLine(attributes: unknown): Line;
  getNullCell(): unknown;
}

interface Line extends EmulatorRow {
  /** Letters with marks by their column, also letters that are gone. */
  readonly _combined: Record<string, string>;
  isCombined(column: number): number;
}

/** Takes what the emulator does not keep. */
export interface Keeper {
  /** Takes a row that is about to be dropped. `isContinued`: the row after it goes on with its line. */
  keep(row: EmulatorRow, isContinued: boolean): void;
  /** The program has cleared what it had printed before. */
  forget(): void;
}

/** An emulator for a pane of this size. */
export function createEmulator(wanted: TerminalSize): Emulator {
  const size = emulatorSize(wanted);
  const emulator = new xterm.Terminal({
    cols: size.columns,
    rows: size.rows,
    scrollback: scrollbackFor(size),
    allowProposedApi: true,
    convertEol: false,
    logLevel: "off",
  });
  emulator.loadAddon(new Unicode11Addon());
  emulator.unicode.activeVersion = "11";
  mendErasing(emulator);
  return emulator;
}

/** The emulator's size for a pane of this size: at least 20 columns. */
export function emulatorSize({ columns, rows }: TerminalSize): TerminalSize {
  return { columns: Math.max(minColumns, columns), rows: Math.max(minRows, rows) };
}

/**
 * Has a keeper take the rows that the emulator drops. Rows leave at one place, when the screen scrolls with its past
 * full; those that a resize drops are `resizeEmulator`'s.
 */
export function keepDropped(emulator: Emulator, keeper: Keeper): void {
  const { _bufferService: service, _inputHandler } = internals(emulator)._core;
  const scroll = service.scroll.bind(service);
  service.scroll = (attributes, isWrapped) => {
    const { active, normal } = service.buffers;
    if (active === normal && normal.scrollTop === 0 && normal.lines.isFull) keepFirst(normal, 1, keeper);
    scroll(attributes, isWrapped);
  };
  _inputHandler._parser.registerCsiHandler({ final: "J" }, ({ params }) => {
    if (params[0] === 3) keeper.forget();
    return false;
  });
  _inputHandler._parser.registerEscHandler({ final: "c" }, () => {
    keeper.forget();
    return false;
  });
}

function keepFirst({ lines }: ScreenBuffer, count: number, keeper: Keeper): void {
  for (let index = 0; index < count; index++) {
    const row = lines.get(index);
    if (row) keeper.keep(row, lines.get(index + 1)?.isWrapped ?? false);
  }
}

/** Drops the rows above the line that the cursor is in, which becomes the first of the screen. */
export function scrollOut(emulator: Emulator, keeper: Keeper | undefined): void {
  const { normal } = internals(emulator)._core.buffers;
  let first = normal.ybase + normal.y;
  while (first > 0 && normal.lines.get(first)?.isWrapped) first--;
  // A line longer than the screen stays as it is.
  if (normal.ybase + normal.y - first >= emulator.rows) return;
  if (keeper) keepFirst(normal, first, keeper);
  const cursor = normal.ybase + normal.y - first;
  normal.lines.trimStart(first);
  while (normal.lines.length < emulator.rows) normal.lines.push(normal.getBlankLine(normal.getNullCell()));
  normal.ybase = normal.ydisp = normal.lines.length - emulator.rows;
  normal.y = cursor - normal.ybase;
}

/** Lines kept above the screen: 100, or fewer when two such screens take too much memory. */
export function scrollbackFor({ columns, rows }: TerminalSize): number {
  return Math.min(maxScrollback, Math.max(minScrollback, Math.floor(maxCells / columns) - 2 * rows));
}

/**
 * Parses output synchronously. The API of xterm.js parses later, from a timer, where an error would end the process.
 */
export function parseNow(emulator: Emulator, output: Uint8Array): void {
  if (output.length > 0) internals(emulator)._core._inputHandler.parse(output);
}

/** Resizes the emulator; false when it had that size already. `keeper` takes the lines that are dropped for it. */
export function resizeEmulator(emulator: Emulator, wanted: TerminalSize, keeper?: Keeper): boolean {
  const { columns, rows } = emulatorSize(wanted);
  if (columns === emulator.cols && rows === emulator.rows) return false;
  const pieces = Math.ceil(emulator.cols / columns);
  const foldable = Math.max(0, Math.floor(maxReflowed / pieces) - emulator.rows);
  // Each option changes the buffers separately, which drops lines.
  if (pieces > 1) setScrollback(emulator, Math.min(foldable, emulator.options.scrollback ?? 0), keeper);
  if (keeper) emulator.options.scrollback = maxReflowed;
  emulator.resize(columns, rows);
  setScrollback(emulator, scrollbackFor({ columns, rows }), keeper);
  return true;
}

function setScrollback(emulator: Emulator, lines: number, keeper: Keeper | undefined): void {
  const { normal } = internals(emulator)._core.buffers;
  const dropped = normal.lines.length - emulator.rows - lines;
  if (keeper && dropped > 0) keepFirst(normal, dropped, keeper);
  emulator.options.scrollback = lines;
}

/** A row of the ordinary screen or of what is above it, counted from the oldest. */
export function rowOf(emulator: Emulator, row: number): EmulatorRow | undefined {
  const { lines } = internals(emulator)._core.buffers.normal;
  return row < lines.length ? lines.get(row) : undefined; // beyond its end the list goes round
}

/**
 * The number of marks that the emulator may still keep. Forgets those of letters that are gone, which xterm.js does
 * only for whole lines.
 */
export function roomForMarks(emulator: Emulator): number {
  const { buffers } = internals(emulator)._core;
  let kept = 0;
  for (const { lines } of [buffers.normal, buffers.alt]) {
    for (let index = 0; index < lines.length; index++) kept += marksIn(lines.get(index));
  }
  return Math.max(0, maxMarks - kept);
}

function marksIn(line: Line | undefined): number {
  let kept = 0;
  for (const column in line?._combined) {
    if (line.isCombined(Number(column))) kept += (line._combined[column]?.length ?? 1) - 1;
    else Reflect.deleteProperty(line._combined, column);
  }
  return kept;
}

/**
 * Works around a fault of xterm.js 6.0.0: erasing everything up to the cursor (ESC [ 1 J) in the last cell of a screen
 * with nothing above it throws, because it reads a line after the last one. Everything up to the last cell is the whole
 * screen (ESC [ 2 J).
 */
function mendErasing(emulator: Emulator): void {
  internals(emulator)._core._inputHandler._parser.registerCsiHandler({ final: "J" }, ({ params }) => {
    const { active } = emulator.buffer;
    if (params[0] === 1 && active.cursorY === emulator.rows - 1 && active.cursorX >= emulator.cols - 1) params[0] = 2;
    return false; // and now xterm.js
  });
}

function internals(emulator: Emulator): Internals {
  return emulator as unknown as Internals;
}
