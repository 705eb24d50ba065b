/**
 * A layer that shows another person's screen. It copies cells and never bytes, so it fits any size and theme, and
 * nothing that asks the one terminal for an answer reaches the other. Only rows that were drawn since are copied; for a
 * slow viewer they are collected.
 */
import type { TerminalSize } from "../../base/terminal.ts";
import type { Picture } from "../../terminal/compositor.ts";
import type { Region, Surface } from "../../terminal/draw/surface.ts";
import type { Layer } from "../../terminal/layer.ts";
import type { Screen } from "../../terminal/screen.ts";
import { area } from "../views/area.ts";
import { drawTooSmall } from "../views/too-small.ts";
import { follow, type Corner } from "./crop.ts";
import { partOf } from "./part-screen.ts";

/** The smallest size of a viewer's terminal, in cells; a smaller one shows a sentence that asks for more room. */
const smallest: TerminalSize = { columns: 30, rows: 8 };

/** Whether a viewer's terminal is too small to show anything useful. */
export function isTooSmallToWatch({ columns, rows }: TerminalSize): boolean {
  return columns < smallest.columns || rows < smallest.rows;
}

/** What is mirrored, and who is told. */
export interface MirrorOptions {
  /** The screen to show. */
  readonly source: Screen;
  /** Called when there is something to draw. */
  readonly changed: (mirror: Mirror) => void;
  /** Takes what failed here while the source composed its frame: that is not the source's fault. */
  readonly broken: (error: unknown) => void;
}

/** A mirror of one screen, without the viewer's line at the bottom. */
export class Mirror implements Layer, Disposable {
  readonly #options: MirrorOptions;
  readonly #listener: Disposable;
  #corner: Corner = { row: 0, column: 0 };
  /** Rows of the viewer's terminal that show the source, as of the last frame. */
  #rows = 0;
  /** Rows of the source that were drawn since they were copied. */
  #pending: Uint8Array;
  /** Whether everything has to be copied, because the part has moved or the source has another size. */
  #moved = true;

  constructor(options: MirrorOptions) {
    this.#options = options;
    this.#pending = new Uint8Array(options.source.picture.grid.height);
    this.#listener = options.source.onPicture((picture) => {
      try {
        this.#follow(picture);
      } catch (error) {
        options.broken(error);
      }
    });
  }

  /** The top left of the visible part on the source, as it was drawn last. */
  get corner(): Corner {
    return this.#corner;
  }

  /** Whether a cell of the viewer's terminal shows one of the source. */
  shows({ row, column }: { readonly row: number; readonly column: number }): boolean {
    const { grid } = this.#options.source.picture;
    return row < this.#rows && row + this.#corner.row < grid.height && column + this.#corner.column < grid.width;
  }

  [Symbol.dispose](): void {
    this.#listener[Symbol.dispose]();
  }

  region(size: TerminalSize): Region {
    const { columns, rows } = partOf(size);
    this.#rows = rows;
    return area(0, 0, columns, rows);
  }

  draw(surface: Surface): void {
    this.#moved = true;
    if (hasRoom(surface)) this.drawChanges(surface);
    else drawTooSmall(surface, smallest);
  }

  drawChanges(surface: Surface): void {
    if (!hasRoom(surface)) return;
    const { grid, cursor } = this.#options.source.picture;
    const corner = follow(
      this.#corner,
      cursor,
      { columns: grid.width, rows: grid.height },
      { columns: surface.width, rows: surface.height },
    );
    if (corner.row !== this.#corner.row || corner.column !== this.#corner.column) this.#moved = true;
    this.#corner = corner;
    for (let row = 0; row < surface.height; row++) {
      if (this.#moved || this.#pending[corner.row + row] === 1)
        surface.mirror(row, grid, corner.row + row, corner.column);
    }
    this.#pending.fill(0);
    this.#moved = false;
    if (cursor) surface.cursor(cursor.row - corner.row, cursor.column - corner.column);
  }

  /** Input of a viewer never comes this far. */
  handle(): boolean {
    return false;
  }

  #follow({ grid }: Picture): void {
    if (grid.height !== this.#pending.length) {
      this.#pending = new Uint8Array(grid.height);
      this.#moved = true;
    }
    for (let row = 0; row < grid.height; row++) if (grid.dirty[row] === 1) this.#pending[row] = 1;
    this.#options.changed(this);
  }
}

/** The viewer's line takes a row of the whole screen. */
function hasRoom({ width, height }: Surface): boolean {
  return !isTooSmallToWatch({ columns: width, rows: height + 1 });
}
