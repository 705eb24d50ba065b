/**
 * The terminal that students' programs write to: xterm.js without a screen. It gets only what output-filter.ts lets
 * through. The bounds of its memory are here: how many lines and marks it keeps, and what a resize may cost.
 */
import { Unicode11Addon } from "@xterm/addon-unicode11";
import xterm from "@xterm/headless";
import type { TerminalSize } from "../base/terminal.ts";

/** Lines kept above the visible part. */
const maxScrollback = 500;
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
    readonly buffers: Readonly<
      Record<"normal" | "alt", { readonly lines: { readonly length: number; get(index: number): Line | undefined } }>
    >;
    readonly _inputHandler: {
      parse(data: Uint8Array): void;
      readonly _parser: {
        registerCsiHandler(
          id: { readonly final: string },
          handler: (parameters: { readonly params: Int32Array }) => boolean,
        ): unknown;
      };
    };
  };
}

interface Line {
  /** Letters with marks by their column, also letters that are gone. */
  readonly _combined: Record<string, string>;
  isCombined(column: number): number;
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

/** Lines kept above the screen: 500, or fewer when two such screens take too much memory. */
export function scrollbackFor({ columns, rows }: TerminalSize): number {
  return Math.min(maxScrollback, Math.max(minScrollback, Math.floor(maxCells / columns) - 2 * rows));
}

/**
 * Parses output synchronously. The API of xterm.js parses later, from a timer, where an error would end the process.
 */
export function parseNow(emulator: Emulator, output: Uint8Array): void {
  if (output.length > 0) internals(emulator)._core._inputHandler.parse(output);
}

/** Resizes the emulator; false when it had that size already. */
export function resizeEmulator(emulator: Emulator, wanted: TerminalSize): boolean {
  const { columns, rows } = emulatorSize(wanted);
  if (columns === emulator.cols && rows === emulator.rows) return false;
  const pieces = Math.ceil(emulator.cols / columns);
  const foldable = Math.max(0, Math.floor(maxReflowed / pieces) - emulator.rows);
  // Each option changes the buffers separately, which drops lines.
  if (pieces > 1 && emulator.buffer.normal.length - emulator.rows > foldable) emulator.options.scrollback = foldable;
  emulator.resize(columns, rows);
  emulator.options.scrollback = scrollbackFor({ columns, rows });
  return true;
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
