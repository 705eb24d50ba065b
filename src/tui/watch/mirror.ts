/**
 * Somebody's screen on another one: a layer that copies cells, never bytes, so that it fits any size and theme and nothing that the one
 * terminal is asked reaches the other. Only rows that were drawn there since are copied; a slow viewer's are collected meanwhile.
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

/** Under this a sentence asks for a larger window. */
const smallest: TerminalSize = { columns: 30, rows: 8 };

/** True when a viewer's terminal can show nothing of use. */
export function isTooSmallToWatch({ columns, rows }: TerminalSize): boolean {
  return columns < smallest.columns || rows < smallest.rows;
}

export interface MirrorOptions {
  /** Whose screen is shown. */
  readonly source: Screen;
  /** There is something to draw. */
  readonly changed: (mirror: Mirror) => void;
  /** Takes what went wrong while the person's own frame was made: that is none of the person's business. */
  readonly broken: (error: unknown) => void;
}

export class Mirror implements Layer, Disposable {
  readonly #options: MirrorOptions;
  readonly #listener: Disposable;
  #corner: Corner = { row: 0, column: 0 };
  /** Of the viewer's terminal, as of the last frame. */
  #rows = 0;
  /** Rows of the source that were drawn since we copied them. */
  #pending: Uint8Array;
  /** Everything has to be copied: the part moved, or the source has another size. */
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

  /** Where the viewer's part begins on the source, as it was drawn last. */
  get corner(): Corner {
    return this.#corner;
  }

  /** Whether a place of the viewer's terminal shows one of the source. */
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

  /** Nothing typed by a viewer stops here: it never comes this far. */
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
