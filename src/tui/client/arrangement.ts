/** Which panes are on the screen of one client, and which of them has the focus. */
import { Emitter } from "../../base/events.ts";
import type { TerminalSize } from "../../base/terminal.ts";
import type { Pane } from "../../commands/pane.ts";
import {
  areVariablesShown,
  computeLayout,
  consoleSize,
  isFolded,
  prefersOverlay,
  type Layout,
  type LayoutState,
} from "../views/layout.ts";

/** The panes of one client's screen and the focus. */
export class Arrangement {
  readonly #screen: { readonly size: TerminalSize };
  readonly #changed = new Emitter<void>();
  #state: LayoutState = {
    focus: "editor",
    treeShown: true,
    findRows: 0,
    behind: "editor",
    variablesShown: undefined,
    stepping: false,
  };
  #cached: Layout | undefined;

  constructor(screen: { readonly size: TerminalSize }) {
    this.#screen = screen;
  }

  /** Fires when another pane has the focus, or when the panes have moved. */
  get onChange() {
    return this.#changed.on;
  }

  /** The pane in focus. */
  get focus(): Pane {
    return this.#state.focus;
  }

  /** The regions of the screen, or of a screen of `size`; the same object until something changes. */
  layout(size = this.#screen.size): Layout {
    const cached = this.#cached;
    if (cached && cached.size.columns === size.columns && cached.size.rows === size.rows) return cached;
    this.#cached = computeLayout(size, this.#state);
    return this.#cached;
  }

  /** The size for the console's program, whether its pane is visible now or not. */
  get consoleSize(): TerminalSize {
    return consoleSize(this.#screen.size, this.#state);
  }

  /** Gives a pane the focus. A hidden tree appears. */
  focusOn(pane: Pane): void {
    if (pane === this.focus) return;
    this.#change({ focus: pane, behind: pane === "editor" || pane === "console" ? pane : this.#state.behind });
  }

  /**
   * Shows the tree and gives it the focus. If it has the focus already, hides it, or keeps beside the editor a tree
   * that lay over it.
   */
  toggleFiles(): void {
    const { focus, treeShown, behind } = this.#state;
    const { size } = this.#screen;
    if (focus !== "files") {
      this.#change({ focus: "files", treeShown: treeShown || !prefersOverlay(size) });
    } else if (this.layout().treeOverlay && !isFolded(size)) {
      this.#change({ treeShown: true });
    } else {
      this.#change({ focus: behind, treeShown: isFolded(size) ? treeShown : false });
    }
  }

  /** Shows the variables; gives them the focus when they are shown; hides them when they have it. */
  toggleVariables(): void {
    if (this.focus === "variables") this.#change({ focus: this.#state.behind, variablesShown: false });
    else if (areVariablesShown(this.#screen.size, this.#state)) this.focusOn("variables");
    else this.#change({ variablesShown: true });
  }

  /** Makes room for the steps of a program, or takes it back. */
  setStepping(stepping: boolean): void {
    if (stepping !== this.#state.stepping) this.#change({ stepping });
  }

  /** Gives the focus back to the editor or the console. */
  leaveVariables(): void {
    this.focusOn(this.#state.behind);
  }

  /** Gives the focus to the next pane in reading order, skipping what is hidden. */
  focusNext(): void {
    const { tree, variables } = this.layout();
    const order: readonly Pane[] = [
      ...(tree ? ["files" as const] : []),
      "editor",
      "console",
      ...(variables ? ["variables" as const] : []),
    ];
    this.focusOn(order[(order.indexOf(this.focus) + 1) % order.length] ?? "editor");
  }

  /** Reserves rows for the find bar: 0, 1 or 2. */
  setFindRows(rows: number): void {
    this.#change({ findRows: rows });
  }

  #change(change: Partial<LayoutState>): void {
    this.#state = { ...this.#state, ...change };
    this.#cached = undefined;
    this.#changed.emit();
  }
}
