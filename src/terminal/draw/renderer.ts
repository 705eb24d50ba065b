import type { TerminalSize } from "../../base/terminal.ts";
import type { Theme } from "../theme.ts";
import { attribute, defaultColor } from "./codes.ts";
import { continuation, Grid } from "./grid.ts";

/** The position of the cursor, in rows and columns of the screen; undefined hides it. */
export type CursorState = { readonly row: number; readonly column: number } | undefined;

/** Smallest frame, in bytes, that is bracketed as synchronized output, so that it is never seen half drawn. */
const synchronizedFrom = 256;

/**
 * Turns a grid into the bytes that bring a terminal up to date. `front` is what the terminal shows once it has
 * processed everything written so far; nothing written is ever lost, so it stays correct when frames are skipped.
 * Automatic wrapping is off while we draw, so the last column and the last row need no special care.
 */
export class Renderer {
  /** The grid to draw on; `frame` sends what differs from the terminal. */
  readonly back: Grid;
  readonly #front: Grid;
  #theme: Theme;
  #output = "";
  /** The position of the terminal's cursor; row -1 while it is not known for sure. */
  #row = -1;
  #column = -1;
  #cursorShown: boolean | undefined;
  #foreground = "39";
  #background = "49";
  #attributes = 0;
  /** The codes from which the pen was last set: most neighbours share them. */
  #penKey: readonly [number, number, number] = [defaultColor, defaultColor, 0];
  #mustClear = true;

  constructor(size: TerminalSize, theme: Theme) {
    this.back = new Grid(size.columns, size.rows);
    this.#front = new Grid(size.columns, size.rows);
    this.#theme = theme;
  }

  /** Frees the memory of both grids. Nothing may be drawn afterwards. */
  release(): void {
    this.back.release();
    this.#front.release();
  }

  /** Changes the colours. Every cell is drawn again, without clearing the screen first. */
  setTheme(theme: Theme): void {
    this.#theme = theme;
    this.#front.forget();
    this.back.dirty.fill(1);
    this.#penKey = [-1, -1, -1];
  }

  /** The bytes for everything that changed since the last frame; empty when nothing did. */
  frame(cursor: CursorState): string {
    this.#output = "";
    if (this.#mustClear) this.#clear();
    for (let row = 0; row < this.back.height; row++) {
      if (this.back.dirty[row] === 0) continue;
      this.#drawRow(row);
      this.back.dirty[row] = 0;
    }
    const drawn = this.#output;
    this.#output = "";
    const isLarge = drawn.length > synchronizedFrom;
    const hidesFirst = isLarge && this.#cursorShown !== false;
    if (hidesFirst) this.#cursorShown = false;
    this.#putCursor(cursor);
    const body = drawn + this.#output;
    if (!isLarge) return body;
    return `\x1b[?2026h${hidesFirst ? "\x1b[?25l" : ""}${body}\x1b[?2026l`;
  }

  #clear(): void {
    this.#mustClear = false;
    this.#output += "\x1b[m\x1b[H\x1b[2J";
    this.#row = 0;
    this.#column = 0;
    this.#foreground = "39";
    this.#background = "49";
    this.#attributes = 0;
    this.#penKey = [defaultColor, defaultColor, 0];
  }

  #drawRow(row: number): void {
    const { back } = this;
    const start = row * back.width;
    const end = start + back.width;
    let erasedFrom = -1;
    for (let index = start; index < end;) {
      if (back.same(this.#front, index)) {
        index++;
        continue;
      }
      if (erasedFrom < 0) erasedFrom = this.#erasedTail(start, end);
      if (index >= erasedFrom && end - index > 4) {
        this.#moveTo(row, index - start);
        this.#setPen(defaultColor, defaultColor, 0);
        this.#output += "\x1b[K";
        this.#front.copy(back, index, end);
        return;
      }
      this.#moveTo(row, index - start);
      index = this.#drawCell(index);
    }
  }

  /** The index of the first cell of the row's tail that an erasing sequence can draw. */
  #erasedTail(start: number, end: number): number {
    let index = end;
    while (index > start && this.back.isErased(index - 1)) index--;
    return index;
  }

  /** Writes the character at a cell and returns the next cell's index. */
  #drawCell(index: number): number {
    const { back } = this;
    this.#setPen(
      back.foregrounds[index] ?? defaultColor,
      back.backgrounds[index] ?? defaultColor,
      back.attributes[index] ?? 0,
    );
    const isWide = (index + 1) % back.width !== 0 && back.characters[index + 1] === continuation;
    const next = index + (isWide ? 2 : 1);
    this.#output += back.text(index);
    this.#column += next - index;
    // Terminals differ at the right edge, and in the width of these characters: the next move is absolute.
    if (next % back.width === 0 || back.isCluster(index) || isDisputed(back.characters[index] ?? 0)) this.#row = -1;
    this.#front.copy(back, index, next);
    return next;
  }

  #moveTo(row: number, column: number): void {
    const distance = column - this.#column;
    if (row === this.#row) {
      if (distance === 0) return;
      if (distance > 0 && distance <= 3 && this.#redrawGap(row, distance)) return;
      if (distance > 0) this.#output += distance === 1 ? "\x1b[C" : `\x1b[${distance}C`;
      else if (distance === -1) this.#output += "\b";
      else this.#output += column === 0 ? "\r" : `\x1b[${row + 1};${column + 1}H`;
    } else {
      this.#output += column === 0 ? (row === 0 ? "\x1b[H" : `\x1b[${row + 1}H`) : `\x1b[${row + 1};${column + 1}H`;
    }
    this.#row = row;
    this.#column = column;
  }

  /** Writes up to three plain characters again, which is shorter than moving the cursor; false when their style differs. */
  #redrawGap(row: number, distance: number): boolean {
    const { back } = this;
    const start = row * back.width + this.#column;
    const [foreground, background, attributes] = this.#penKey;
    let text = "";
    for (let index = start; index < start + distance; index++) {
      const character = back.characters[index] ?? 0;
      const isPlain = character >= 0x20 && character < 0x7f;
      const isSameStyle =
        back.backgrounds[index] === background &&
        back.attributes[index] === attributes &&
        (back.foregrounds[index] === foreground || character === 0x20);
      if (!isPlain || !isSameStyle) return false;
      text += String.fromCharCode(character);
    }
    this.#output += text;
    this.#column += distance;
    return true;
  }

  #setPen(foreground: number, background: number, attributes: number): void {
    const key = this.#penKey;
    if (key[0] === foreground && key[1] === background && key[2] === attributes) return;
    this.#penKey = [foreground, background, attributes];
    const style = this.#theme.resolve(foreground, background, attributes);
    const parts: (string | number)[] = [];
    const isMore = (style.attributes & this.#attributes) === this.#attributes;
    if (!isMore) {
      parts.push(0);
      this.#foreground = "39";
      this.#background = "49";
      this.#attributes = 0;
    }
    const added = style.attributes & ~this.#attributes;
    for (const [bit, parameter] of attributeParameters) if (added & bit) parts.push(parameter);
    if (style.foreground !== this.#foreground) parts.push(style.foreground);
    if (style.background !== this.#background) parts.push(style.background);
    this.#foreground = style.foreground;
    this.#background = style.background;
    this.#attributes = style.attributes;
    if (parts.length > 0) this.#output += parts.length === 1 && parts[0] === 0 ? "\x1b[m" : `\x1b[${parts.join(";")}m`;
  }

  #putCursor(cursor: CursorState): void {
    if (!cursor) {
      if (this.#cursorShown !== false) this.#output += "\x1b[?25l";
      this.#cursorShown = false;
      return;
    }
    this.#moveTo(cursor.row, cursor.column);
    if (this.#cursorShown !== true) this.#output += "\x1b[?25h";
    this.#cursorShown = true;
  }
}

const attributeParameters: readonly (readonly [number, number])[] = [
  [attribute.bold, 1],
  [attribute.dim, 2],
  [attribute.italic, 3],
  [attribute.underline, 4],
  [attribute.inverse, 7],
];

/** Whether a symbol's width depends on the terminal's Unicode version and font. */
function isDisputed(character: number): boolean {
  return (
    character >= 0x1f000 || (character >= 0x2300 && character <= 0x23ff) || (character >= 0x2600 && character <= 0x2bff)
  );
}
