/**
 * The terminal that students' programs write to: xterm.js without a screen. It is only ever given what output-filter.ts lets in. Here
 * stands what bounds its memory: how many lines it keeps, how many marks, and what a new size may cost.
 */
import { Unicode11Addon } from "@xterm/addon-unicode11";
import xterm from "@xterm/headless";
import type { TerminalSize } from "../base/terminal.ts";

/** Lines kept above the visible part. */
const maxScrollback = 500;
/** On very wide screens a page or so. */
const minScrollback = 20;
/** Cells of the lines that are kept, two screens among them; a cell has 12 bytes. */
const maxCells = 200_000;
/** Marks (accents, parts of emoji) that are kept at the same time: each can cost 100 bytes. */
const maxMarks = 10_000;
/** Lines that a narrower screen may make of those that are there; beyond this the oldest are let go first (1000 take about 3 ms). */
const maxReflowed = 5000;
/** Narrower than this, a program's lines would be taken apart for a pane that shows nothing anyway. */
const minColumns = 20;
const minRows = 2;

export type Emulator = xterm.Terminal;

/** What is used of xterm.js beyond its API; its version is pinned, and test/session/emulator.test.ts covers each of these. */
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
  /** Letters with marks by their column; also of letters that are gone. */
  readonly _combined: Record<string, string>;
  isCombined(column: number): number;
}

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

/** The size that an emulator has for a pane of this size. */
export function emulatorSize({ columns, rows }: TerminalSize): TerminalSize {
  return { columns: Math.max(minColumns, columns), rows: Math.max(minRows, rows) };
}

/** How many lines above the screen are kept: 500, or fewer on a screen of which two and as much above take too much memory. */
export function scrollbackFor({ columns, rows }: TerminalSize): number {
  return Math.min(maxScrollback, Math.max(minScrollback, Math.floor(maxCells / columns) - 2 * rows));
}

/** Reads output at once. What xterm.js offers for that reads later, from a timer, where an error of its own would end the process. */
export function parseNow(emulator: Emulator, output: Uint8Array): void {
  if (output.length > 0) internals(emulator)._core._inputHandler.parse(output);
}

/** Gives the emulator another size; true unless it had it. */
export function resizeEmulator(emulator: Emulator, wanted: TerminalSize): boolean {
  const { columns, rows } = emulatorSize(wanted);
  if (columns === emulator.cols && rows === emulator.rows) return false;
  const pieces = Math.ceil(emulator.cols / columns);
  const foldable = Math.max(0, Math.floor(maxReflowed / pieces) - emulator.rows);
  // Each option is a change of the buffers of its own, which lets lines go.
  if (pieces > 1 && emulator.buffer.normal.length - emulator.rows > foldable) emulator.options.scrollback = foldable;
  emulator.resize(columns, rows);
  emulator.options.scrollback = scrollbackFor({ columns, rows });
  return true;
}

/** How many more marks the emulator may keep. Forgets those of letters that are gone, as it does only for whole lines itself. */
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
 * Erasing all up to the cursor (ESC [ 1 J) in the last cell of a screen above which nothing is throws in xterm.js 6.0.0: it looks at a
 * line behind the last one. All up to the last cell is the whole screen (ESC [ 2 J).
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
