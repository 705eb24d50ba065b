import type { WorkbenchView } from "../../session/workbench-view.ts";
import type { Canvas } from "../../terminal/screen.ts";
import { isTooSmallForIde } from "../views/layout.ts";
import type { Arrangement } from "./arrangement.ts";

/** What the fit follows. */
export interface ConsoleFitOptions {
  readonly view: WorkbenchView;
  readonly screen: Canvas;
  readonly arrangement: Arrangement;
}

/**
 * Keeps the consoles small enough for this screen, as long as the screen is open. A guest never resizes what the student
 * sees.
 */
export class ConsoleFit implements Disposable {
  readonly #options: ConsoleFitOptions;

  constructor(options: ConsoleFitOptions) {
    this.#options = options;
    this.fit();
  }

  /** Adapts to the size of the screen and of its panes. */
  fit(): void {
    const { view, screen, arrangement } = this.#options;
    if (!view.isOwn || isTooSmallForIde(screen.size)) return;
    const { columns, rows } = arrangement.consoleSize;
    view.workbench.consoles.fit(this, { columns: Math.max(1, columns - 1), rows });
  }

  [Symbol.dispose](): void {
    this.#options.view.workbench.consoles.fit(this, undefined);
  }
}
