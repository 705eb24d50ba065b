import type { TerminalSize } from "../base/terminal.ts";

/**
 * Cells of all of a person's terminals: four of the largest (500x200), or 200 ordinary ones. A screen keeps about 25
 * bytes for each.
 */
const maxCells = 400_000;
/** Size of terminals beyond that: an ordinary screen, in the corner of the window. */
const ordinary: TerminalSize = { columns: 80, rows: 24 };

/** The part of one terminal. */
export interface WindowShare extends Disposable {
  /** Size with which a terminal of this size is drawn. */
  fit(size: TerminalSize): TerminalSize;
}

/** A bound on the terminals of each person together. */
export class WindowRoom {
  readonly #cells = new Map<string, number>();

  /** The part of a new terminal of this person. */
  share(name: string): WindowShare {
    let own = 0;
    const change = (cells: number): void => {
      const total = this.#others(name, own) + cells;
      own = cells;
      if (total > 0) this.#cells.set(name, total);
      else this.#cells.delete(name);
    };
    return {
      fit: (size) => {
        const fitting = this.#others(name, own) + size.columns * size.rows > maxCells ? smaller(size) : size;
        change(fitting.columns * fitting.rows);
        return fitting;
      },
      [Symbol.dispose]: () => change(0),
    };
  }

  #others(name: string, own: number): number {
    return (this.#cells.get(name) ?? 0) - own;
  }
}

function smaller({ columns, rows }: TerminalSize): TerminalSize {
  return { columns: Math.min(columns, ordinary.columns), rows: Math.min(rows, ordinary.rows) };
}
