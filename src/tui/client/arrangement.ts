/** Which panes are on this client's screen and which of them has the focus. */
import { Emitter } from "../../base/events.ts";
import type { TerminalSize } from "../../base/terminal.ts";
import type { Pane } from "../../commands/pane.ts";
import {
  computeLayout,
  consoleSize,
  isFolded,
  prefersOverlay,
  type Layout,
  type LayoutState,
} from "../views/layout.ts";

export class Arrangement {
  readonly #screen: { readonly size: TerminalSize };
  readonly #changed = new Emitter<void>();
  #state: LayoutState = { focus: "editor", treeShown: true, findRows: 0, behind: "editor" };
  #cached: Layout | undefined;

  constructor(screen: { readonly size: TerminalSize }) {
    this.#screen = screen;
  }

  /** Another pane has the focus, or the panes lie otherwise. */
  get onChange() {
    return this.#changed.on;
  }

  get focus(): Pane {
    return this.#state.focus;
  }

  /** The regions of the screen, or of one of this size; the same object until something changes. */
  layout(size = this.#screen.size): Layout {
    const cached = this.#cached;
    if (cached && cached.size.columns === size.columns && cached.size.rows === size.rows) return cached;
    this.#cached = computeLayout(size, this.#state);
    return this.#cached;
  }

  /** The size for the person's Python, whether its pane is on the screen now or not. */
  get consoleSize(): TerminalSize {
    return consoleSize(this.#screen.size, this.#state);
  }

  focusOn(pane: Pane): void {
    if (pane !== this.focus) this.#change({ focus: pane, behind: pane === "files" ? this.#state.behind : pane });
  }

  /** Shows the tree and goes there. With the focus in it: hides it, or keeps one that lay over the editor beside it. */
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

  /** Goes to the next pane in reading order; a hidden tree is left out. */
  focusNext(): void {
    const order: readonly Pane[] = this.layout().tree ? ["files", "editor", "console"] : ["editor", "console"];
    this.focusOn(order[(order.indexOf(this.focus) + 1) % order.length] ?? "editor");
  }

  setFindRows(rows: number): void {
    this.#change({ findRows: rows });
  }

  #change(change: Partial<LayoutState>): void {
    this.#state = { ...this.#state, ...change };
    this.#cached = undefined;
    this.#changed.emit();
  }
}
