/**
 * The only file that imports blessed. It uses blessed's tree of nodes: which layer lies above which, where each lies,
 * and the history of focus. Input, terminal descriptions and drawing are done elsewhere in this folder, because
 * blessed's input parser misreads split and newer key sequences, it opens files named by the client's TERM, and it
 * counts wide characters as narrow.
 *
 * What blessed's global state would do to a server, and what is done about it here:
 * - The first screen registers handlers on `process` that exit it. They are marked as registered beforehand.
 * - An element without a screen joins the newest screen, which may be another person's. Elements are made only by
 *   `add`.
 * - A screen allocates an object for each cell and writes to its output. Both are switched off.
 * - A closed screen stays in a global list until it is destroyed. Disposing the tree destroys it.
 */
import { EventEmitter } from "node:events";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import blessed from "blessed";
import type { TerminalSize } from "../base/terminal.ts";
import type { Region } from "./draw/surface.ts";

/** The parts of blessed's classes that are used here; its published types do not describe these internals. */
interface BlessedProgram {
  cols: number;
  rows: number;
  setupTput(): void;
  tput: object;
  put: object;
}

interface BlessedNode {
  append(element: BlessedElement): void;
  remove(element: BlessedElement): void;
}

interface BlessedElement extends BlessedNode {
  position: { left: number; top: number; width: number; height: number };
  readonly aleft: number;
  readonly atop: number;
  readonly width: number;
  readonly height: number;
  focus(): void;
  destroy(): void;
}

interface BlessedScreen extends BlessedNode {
  readonly program: BlessedProgram;
  readonly children: BlessedElement[];
  readonly focused: BlessedElement | undefined;
  history: BlessedElement[];
  destroy(): void;
}

interface Registry {
  total: number;
  _bound?: boolean;
}

interface Library {
  readonly Tput: new (options: object) => object;
  readonly Program: Registry & (new (options: object) => BlessedProgram);
  readonly Screen: Registry & (new (options: object) => BlessedScreen);
  readonly Element: new (options: object) => BlessedElement;
}

const library = blessed as unknown as Library;

/**
 * The terminal description, built once and from blessed's own file. One per screen took 400 KB and 3 ms, and blessed
 * would have read the file that TERM names.
 */
const description = new library.Tput({
  terminal: "xterm-256color",
  terminfoFile: join(dirname(createRequire(import.meta.url).resolve("blessed")), "usr", "xterm-256color"),
});

// Each registry counts one screen that never closes. When the last one closes, blessed forgets that its handlers are
// "registered" and registers them again with the next.
for (const registry of [library.Program, library.Screen]) {
  registry._bound = true;
  registry.total++;
}

/** A screen that allocates no cells and writes nothing. */
class SilentScreen extends library.Screen {
  enter(): void {}
  leave(): void {}
  alloc(): void {}
  render(): void {}
  clearRegion(): void {}
}

/** Streams that lead nowhere. Their counters tell blessed that it listens to them already. */
function silentStreams(size: TerminalSize): { input: object; output: object } {
  const input = Object.assign(new EventEmitter(), { _blessedInput: 1, isTTY: true });
  const output = Object.assign(new EventEmitter(), {
    _blessedOutput: 1,
    isTTY: true,
    columns: size.columns,
    rows: size.rows,
    write: () => true,
  });
  return { input, output };
}

function createScreen(size: TerminalSize): BlessedScreen {
  const program = new library.Program({ ...silentStreams(size), terminal: "xterm-256color", tput: false });
  program.setupTput = () => {
    program.tput = description;
    program.put = {};
  };
  return new SilentScreen({ program, autoPadding: false });
}

/** A node of the tree: where one sheet lies, and whether it has the focus. */
export interface SheetNode {
  /** Moves the sheet; rows and columns of the screen. */
  place(region: Region): void;
  /** Where the sheet lies now, in rows and columns of the screen. */
  readonly region: Region;
  /** Gives the sheet the focus. */
  focus(): void;
  /** Takes the sheet out of the tree. The focus goes back to the sheet that had it before. */
  remove(): void;
}

/**
 * The sheets of one screen, back to front, and which of them has the focus. `T` is what the owner keeps for each sheet.
 */
export class SheetTree<T extends object> implements Disposable {
  readonly #screen: BlessedScreen;
  readonly #values = new WeakMap<BlessedElement, T>();
  #ordered: readonly T[] | undefined;

  constructor(size: TerminalSize) {
    this.#screen = createScreen(size);
  }

  /** Sets the size of the screen, in cells. */
  resize(size: TerminalSize): void {
    this.#screen.program.cols = size.columns;
    this.#screen.program.rows = size.rows;
  }

  /** Adds a sheet for `value` in front of all others. It gets the focus only when asked to. */
  add(value: T): SheetNode {
    const screen = this.#screen;
    const position = { left: 0, top: 0, width: 1, height: 1 };
    const history = [...screen.history];
    const element = new library.Element({ screen, parent: screen, position });
    screen.history = history; // blessed focuses the first element by itself
    this.#values.set(element, value);
    this.#ordered = undefined;
    return {
      place: ({ row, column, width, height }) => {
        element.position = { left: column, top: row, width, height };
      },
      get region() {
        return { row: element.atop, column: element.aleft, width: element.width, height: element.height };
      },
      focus: () => element.focus(),
      remove: () => {
        this.#ordered = undefined;
        screen.remove(element);
        element.destroy();
        screen.history = screen.history.filter((other) => other !== element);
      },
    };
  }

  /** The values of all sheets, back to front. Computed once after each change, because every frame asks for it. */
  values(): readonly T[] {
    this.#ordered ??= this.#screen.children.flatMap((element) => this.#values.get(element) ?? []);
    return this.#ordered;
  }

  /** The value of the sheet in focus; undefined when none has it. */
  get focused(): T | undefined {
    const element = this.#screen.focused;
    return element && this.#values.get(element);
  }

  [Symbol.dispose](): void {
    this.#screen.destroy();
  }
}
