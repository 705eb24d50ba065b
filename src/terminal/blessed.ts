/**
 * The one file that knows blessed. We use its node tree: which sheet lies before which, where each lies, and the history
 * of focus. Input, terminal description and drawing are ours, for reasons measured in the design notes: its parser
 * misreads split and newer keys, it opens files named by the client's TERM, and it counts wide characters as narrow.
 *
 * What its globals would do to a server, and what is done here about it:
 * - with the first screen it registers handlers on `process` that exit it; they are taken for registered already;
 * - an element without a screen joins the newest one, another person's: elements are made by `add` alone;
 * - a screen allocates a cell object for each cell and writes to its output: both are switched off;
 * - a closed screen stays in a global list unless destroyed: disposing destroys it.
 */
import { EventEmitter } from "node:events";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import blessed from "blessed";
import type { TerminalSize } from "../base/terminal.ts";
import type { Region } from "./draw/surface.ts";

/** What we use of blessed's classes; its published types describe none of these internals. */
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

/** Built once, from blessed's own file: a description per screen took 400 KB and 3 ms, and read what TERM named. */
const description = new library.Tput({
  terminal: "xterm-256color",
  terminfoFile: join(dirname(createRequire(import.meta.url).resolve("blessed")), "usr", "xterm-256color"),
});

// The registries count one screen that never closes: with the last one gone, blessed would forget that its handlers are
// "registered", and register them with the next.
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

/** Streams that blessed takes for listened to already (its counters say so), and that lead nowhere. */
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

/** One sheet in the tree. */
export interface SheetNode {
  place(region: Region): void;
  readonly region: Region;
  focus(): void;
  remove(): void;
}

/** The tree of one person's screen: sheets back to front, and which has the focus. */
export class SheetTree<T extends object> implements Disposable {
  readonly #screen: BlessedScreen;
  readonly #values = new WeakMap<BlessedElement, T>();
  #ordered: readonly T[] | undefined;

  constructor(size: TerminalSize) {
    this.#screen = createScreen(size);
  }

  resize(size: TerminalSize): void {
    this.#screen.program.cols = size.columns;
    this.#screen.program.rows = size.rows;
  }

  /** Puts a sheet for `value` before all others; it gets the focus only when told. */
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

  /** The sheets' values, back to front. Asked for in every frame, so it is worked out once for each change. */
  values(): readonly T[] {
    this.#ordered ??= this.#screen.children.flatMap((element) => this.#values.get(element) ?? []);
    return this.#ordered;
  }

  get focused(): T | undefined {
    const element = this.#screen.focused;
    return element && this.#values.get(element);
  }

  [Symbol.dispose](): void {
    this.#screen.destroy();
  }
}
