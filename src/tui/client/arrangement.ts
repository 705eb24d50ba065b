/** Which panes are on this client's screen and which of them has the focus. */
import type { TerminalSize } from "../../base/terminal.ts";
import type { Pane } from "../../commands/ide.ts";
import { computeLayout, consoleSize, isFolded, prefersOverlay, type Layout, type LayoutState } from "../views/layout.ts";

export class Arrangement {
  #state: LayoutState = { focus: "editor", treeShown: true, findRows: 0, behind: "editor" };
  #cached: Layout | undefined;

  get focus(): Pane {
    return this.#state.focus;
  }

  /** The regions for a screen of this size; the same object until something changes. */
  layout(size: TerminalSize): Layout {
    const cached = this.#cached;
    if (cached && cached.size.columns === size.columns && cached.size.rows === size.rows) return cached;
    this.#cached = computeLayout(size, this.#state);
    return this.#cached;
  }

  /** The size for the person's Python, whether its pane is on the screen now or not. */
  consoleSize(size: TerminalSize): TerminalSize {
    return consoleSize(size, this.#state);
  }

  focusOn(pane: Pane): void {
    this.#change({ focus: pane, behind: pane === "files" ? this.#state.behind : pane });
  }

  /** Shows the tree and goes there. With the focus in it: hides it, or keeps one that lay over the editor beside it. */
  toggleFiles(size: TerminalSize): void {
    const { focus, treeShown, behind } = this.#state;
    if (focus !== "files") {
      this.#change({ focus: "files", treeShown: treeShown || !prefersOverlay(size) });
    } else if (this.layout(size).treeOverlay && !isFolded(size)) {
      this.#change({ treeShown: true });
    } else {
      this.#change({ focus: behind, treeShown: isFolded(size) ? treeShown : false });
    }
  }

  /** The next pane in reading order; a hidden tree is left out. */
  next(size: TerminalSize): Pane {
    const order: readonly Pane[] = this.layout(size).tree ? ["files", "editor", "console"] : ["editor", "console"];
    return order[(order.indexOf(this.focus) + 1) % order.length] ?? "editor";
  }

  setFindRows(rows: number): void {
    if (rows !== this.#state.findRows) this.#change({ findRows: rows });
  }

  #change(change: Partial<LayoutState>): void {
    this.#state = { ...this.#state, ...change };
    this.#cached = undefined;
  }
}
