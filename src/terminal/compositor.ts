/**
 * Draws the layers of one screen back to front, and offers events to them front to back until one takes the event. A
 * sheet is a layer with its position and state on this screen. When a single layer has changed, only that layer and
 * those that lie above it are drawn: together with comparing cells, that makes a keystroke cheap.
 */
import { Emitter } from "../base/events.ts";
import type { TerminalSize } from "../base/terminal.ts";
import { SheetTree, type SheetNode } from "./blessed.ts";
import { GridSurface, intersection } from "./draw/grid-surface.ts";
import type { Grid } from "./draw/grid.ts";
import { Renderer, type CursorState } from "./draw/renderer.ts";
import type { Region, Surface } from "./draw/surface.ts";
import type { InputEvent, MouseEvent } from "./input/event.ts";
import type { Layer } from "./layer.ts";
import type { Theme } from "./theme.ts";

export type { Layer } from "./layer.ts";

/** What a screen shows: its cells and its cursor. */
export interface Picture {
  /**
   * The cells; `dirty` marks the rows that were drawn since the last picture. Read-only for listeners, and valid until
   * the next picture.
   */
  readonly grid: Grid;
  /** The cursor, in rows and columns of the screen; undefined while it is hidden. */
  readonly cursor: CursorState;
}

/** What a compositor is made from. */
export interface CompositorOptions {
  /** The size of the screen, in cells. */
  readonly size: TerminalSize;
  /** The colours; `setTheme` replaces them. */
  readonly theme: Theme;
  /** The terminal can insert and delete lines and characters. */
  readonly canMove?: boolean;
  /** Takes what a layer threw; must not throw itself. A layer that keeps failing to draw is reported once. */
  readonly onError: (error: unknown) => void;
}

interface Sheet {
  readonly layer: Layer;
  node: SheetNode | undefined;
  /** What the layer answered last when it was asked where it lies. */
  asked: Region | undefined;
  region: Region;
  cursor: CursorState;
  dirty: boolean;
  failed: boolean;
}

/** The layers of one screen, and the bytes that show them. */
export class Compositor implements Disposable {
  readonly #onError: (error: unknown) => void;
  readonly #tree: SheetTree<Sheet>;
  readonly #canMove: boolean;
  #size: TerminalSize;
  #whole: Region;
  #theme: Theme;
  #renderer: Renderer;
  /** The renderer of the previous size, kept until the next frame because its picture may still be shown elsewhere. */
  #shown: Renderer | undefined;
  #allDirty = true;
  readonly #composed = new Emitter<Picture>();
  /** The sheet on which the mouse button went down: it also gets the drags and the release. */
  #pressed: Sheet | undefined;

  constructor(options: CompositorOptions) {
    this.#onError = options.onError;
    this.#size = options.size;
    this.#whole = wholeOf(options.size);
    this.#theme = options.theme;
    this.#tree = new SheetTree(options.size);
    this.#canMove = options.canMove ?? false;
    this.#renderer = this.#newRenderer();
  }

  /** The size of the screen, in cells. */
  get size(): TerminalSize {
    return this.#size;
  }

  /** The picture of the last frame. */
  get picture(): Picture {
    return { grid: this.#renderer.back, cursor: cursorOf(this.#tree.values()) };
  }

  /** Fires when a frame has been composed, just before it becomes bytes. */
  get onComposed() {
    return this.#composed.on;
  }

  /** Adds a layer in front of all others. Disposing the result removes it. */
  push(layer: Layer): Disposable {
    const sheet: Sheet = {
      layer,
      node: undefined,
      asked: undefined,
      region: emptyRegion,
      cursor: undefined,
      dirty: true,
      failed: false,
    };
    sheet.node = this.#tree.add(sheet);
    this.#allDirty = true;
    return {
      [Symbol.dispose]: () => {
        sheet.node?.remove();
        sheet.node = undefined;
        if (this.#pressed === sheet) this.#pressed = undefined;
        this.#allDirty = true;
      },
    };
  }

  /**
   * Gives a layer the focus: it is offered keys, text and pastes first. Does nothing for a layer that is not on this
   * screen.
   */
  focus(layer: Layer): void {
    this.#sheetOf(layer)?.node?.focus();
  }

  /** The layer in focus; undefined when none has it. */
  get focused(): Layer | undefined {
    return this.#tree.focused?.layer;
  }

  /** Marks a layer for the next frame; without an argument, all layers. */
  invalidate(layer?: Layer): void {
    const sheet = layer && this.#sheetOf(layer);
    if (sheet) sheet.dirty = true;
    else if (!layer) this.#allDirty = true;
  }

  /**
   * Sets the size of the screen, in cells. What the terminal shows after a resize is not known, so everything is drawn
   * again.
   */
  resize(size: TerminalSize): void {
    this.#size = size;
    this.#tree.resize(size);
    this.#whole = wholeOf(size);
    for (const sheet of this.#tree.values()) sheet.asked = undefined;
    if (this.#shown) this.#renderer.release();
    else this.#shown = this.#renderer;
    this.#renderer = this.#newRenderer();
    this.#allDirty = true;
  }

  /** Changes the colours; every cell is drawn again in the next frame. */
  setTheme(theme: Theme): void {
    this.#theme = theme;
    this.#renderer.setTheme(theme);
  }

  /** Draws what has changed and returns the bytes for the terminal; an empty string when nothing has. */
  frame(): string {
    const sheets = this.#tree.values();
    this.#place(sheets);
    if (this.#allDirty) this.#drawAll(sheets);
    else this.#drawDirty(sheets);
    this.#allDirty = false;
    const cursor = cursorOf(sheets);
    this.#show({ grid: this.#renderer.back, cursor });
    this.#shown?.release();
    this.#shown = undefined;
    return this.#renderer.frame(cursor);
  }

  /** Offers an event to the layers. True when a layer consumed it; that layer is drawn again in the next frame. */
  dispatch(event: InputEvent): boolean {
    const sheets = this.#tree.values();
    if (event.kind === "mouse") this.#place(sheets); // a click can come before the frame that shows a new layer
    const reachable = reachableSheets(sheets);
    return event.kind === "mouse" ? this.#dispatchMouse(event, reachable) : this.#dispatchKey(event, reachable);
  }

  [Symbol.dispose](): void {
    this.#tree[Symbol.dispose]();
  }

  #newRenderer(): Renderer {
    return new Renderer({ size: this.#size, theme: this.#theme, canMove: this.#canMove });
  }

  #dispatchKey(event: InputEvent, reachable: readonly Sheet[]): boolean {
    const focused = this.#tree.focused;
    if (focused && reachable.includes(focused) && this.#offer(focused, event)) return true;
    return reachable.some((sheet) => sheet !== focused && this.#offer(sheet, event));
  }

  #dispatchMouse(event: MouseEvent, reachable: readonly Sheet[]): boolean {
    const isHeld = event.action === "drag" || event.action === "release";
    const pressed = this.#pressed;
    if (event.action === "press" || event.action === "release") this.#pressed = undefined;
    if (isHeld && pressed && reachable.includes(pressed)) return this.#offer(pressed, event);
    for (const sheet of reachable) {
      if (!sheet.layer.modal && !contains(sheet.region, event)) continue;
      if (!this.#offer(sheet, event)) continue;
      if (event.action === "press" && sheet.node) this.#pressed = sheet;
      return true;
    }
    return false;
  }

  #offer(sheet: Sheet, event: InputEvent): boolean {
    if (!sheet.node) return false; // taken away by a layer before it
    const { row, column } = sheet.region;
    const local = event.kind === "mouse" ? { ...event, row: event.row - row, column: event.column - column } : event;
    try {
      const consumed = sheet.layer.handle(local);
      if (consumed) sheet.dirty = true;
      return consumed;
    } catch (error) {
      this.#onError(error);
      return true; // nobody else should act on what was meant for this layer
    }
  }

  /** Tells the listeners. A listener that fails must not keep this person's own screen from being drawn. */
  #show(picture: Picture): void {
    try {
      this.#composed.emit(picture);
    } catch (error) {
      this.#onError(error);
    }
  }

  /** Asks every layer for its region. A layer that moved uncovers others, so everything is drawn then. */
  #place(sheets: readonly Sheet[]): void {
    for (const sheet of sheets) {
      const asked = this.#ask(sheet);
      if (asked === sheet.asked) continue; // nearly always: a layout is the same object until it changes
      sheet.asked = asked;
      const region = intersection(asked, this.#whole);
      if (sameRegion(region, sheet.region)) continue;
      sheet.node?.place(region);
      sheet.region = sheet.node?.region ?? region;
      this.#allDirty = true;
    }
  }

  #ask(sheet: Sheet): Region {
    if (!sheet.layer.region) return this.#whole;
    try {
      return sheet.layer.region(this.#size);
    } catch (error) {
      this.#failed(sheet, error);
      return this.#whole;
    }
  }

  #drawAll(sheets: readonly Sheet[]): void {
    for (let row = 0; row < this.#size.rows; row++) this.#renderer.back.clear(row, 0, this.#size.columns);
    for (const sheet of sheets) this.#draw(sheet);
  }

  #drawDirty(sheets: readonly Sheet[]): void {
    const drawn: Region[] = [];
    for (const sheet of sheets) {
      const isUncovered = drawn.some((region) => overlaps(region, sheet.region));
      if (!sheet.dirty && !isUncovered) continue;
      if (!isUncovered && sheet.layer.drawChanges) this.#paint(sheet, sheet.layer.drawChanges.bind(sheet.layer));
      else this.#draw(sheet);
      drawn.push(sheet.region);
    }
  }

  #draw(sheet: Sheet): void {
    const { row, column, width, height } = sheet.region;
    const { back } = this.#renderer;
    for (let y = row; y < row + height; y++) back.clear(y, column, width);
    this.#paint(sheet, (surface) => sheet.layer.draw(surface));
  }

  #paint(sheet: Sheet, draw: (surface: Surface) => void): void {
    sheet.dirty = false;
    sheet.cursor = undefined;
    const surface = new GridSurface(this.#renderer.back, sheet.region, (y, x) => {
      sheet.cursor = { row: y, column: x };
    });
    try {
      draw(surface);
      sheet.failed = false;
    } catch (error) {
      this.#failed(sheet, error);
    }
  }

  /** Reports an error once per sheet: the report draws a message, which could fail again. */
  #failed(sheet: Sheet, error: unknown): void {
    if (sheet.failed) return;
    sheet.failed = true;
    this.#onError(error);
  }

  #sheetOf(layer: Layer): Sheet | undefined {
    return this.#tree.values().find((sheet) => sheet.layer === layer);
  }
}

const emptyRegion: Region = { row: 0, column: 0, width: 0, height: 0 };

function wholeOf({ columns, rows }: TerminalSize): Region {
  return { row: 0, column: 0, width: columns, height: rows };
}

/** Front to back, down to the first modal one. */
function reachableSheets(sheets: readonly Sheet[]): readonly Sheet[] {
  const front = sheets.toReversed();
  const modal = front.findIndex((sheet) => sheet.layer.modal === true);
  return modal < 0 ? front : front.slice(0, modal + 1);
}

function cursorOf(sheets: readonly Sheet[]): CursorState {
  return reachableSheets(sheets).find((sheet) => sheet.cursor)?.cursor;
}

function contains(region: Region, position: { row: number; column: number }): boolean {
  return (
    position.row >= region.row &&
    position.row < region.row + region.height &&
    position.column >= region.column &&
    position.column < region.column + region.width
  );
}

function overlaps(a: Region, b: Region): boolean {
  const { width, height } = intersection(a, b);
  return width > 0 && height > 0;
}

function sameRegion(a: Region, b: Region): boolean {
  return a.row === b.row && a.column === b.column && a.width === b.width && a.height === b.height;
}
