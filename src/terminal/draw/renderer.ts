import type { TerminalSize } from "../../base/terminal.ts";
import type { Theme } from "../theme.ts";
import { attribute, defaultColor } from "./codes.ts";
import { blank, continuation, Grid, visibleOnBlank } from "./grid.ts";
import { findCellMove, findRowMove } from "./moves.ts";

/** The position of the cursor, in rows and columns of the screen; undefined hides it. */
export type CursorState = { readonly row: number; readonly column: number } | undefined;

export interface RendererOptions {
  readonly size: TerminalSize;
  readonly theme: Theme;
  /** The terminal can insert and delete lines and characters and has scroll regions. */
  readonly canMove?: boolean;
}

/** Smallest frame, in bytes, that is bracketed as synchronized output, so that it is never seen half drawn. */
const synchronizedFrom = 256;
/** Changed rows from which on a move of rows is looked for: a letter changes one, or two with the status line. */
const minMovedRows = 3;

/**
 * Turns a grid into the bytes that bring a terminal up to date. `front` is what the terminal shows once it has
 * processed everything written so far; nothing written is ever lost, so it stays correct when frames are skipped.
 * Automatic wrapping is off while we draw, so the last column and the last row need no special care.
 */
export class Renderer {
  /** The grid to draw on; `frame` sends what differs from the terminal. */
  readonly back: Grid;
  readonly #front: Grid;
  readonly #canMove: boolean;
  #theme: Theme;
  #output = "";
  /** The position of the terminal's cursor; row -1 while it is not known for sure. */
  #row = -1;
  #column = -1;
  #cursorShown: boolean | undefined;
  #foreground = "39";
  #background = "49";
  #attributes = 0;
  /** The codes that the pen was last set from: most neighbours share them. -1: from another theme. */
  #foregroundCode = defaultColor;
  #backgroundCode = defaultColor;
  #attributeCode = 0;
  #mustClear = true;

  constructor({ size, theme, canMove = false }: RendererOptions) {
    this.back = new Grid(size.columns, size.rows);
    this.#front = new Grid(size.columns, size.rows);
    this.#theme = theme;
    this.#canMove = canMove;
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
    this.#foregroundCode = -1;
  }

  /** The bytes for everything that changed since the last frame; empty when nothing did. */
  frame(cursor: CursorState): string {
    this.#output = "";
    if (this.#mustClear) this.#clear();
    else if (this.#canMove) this.#moveRows();
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
    this.#foregroundCode = this.#backgroundCode = defaultColor;
    this.#attributeCode = 0;
  }

  /** Has the terminal move the rows that only lie higher or lower than before: those below an Enter. */
  #moveRows(): void {
    const { back } = this;
    let first = -1;
    let last = -1;
    let changed = 0;
    for (let row = 0; row < back.height; row++) {
      if (back.dirty[row] === 0 || this.#firstDifference(row) < 0) continue;
      if (first < 0) first = row;
      last = row;
      changed++;
    }
    const move = changed < minMovedRows ? undefined : findRowMove(back, this.#front, first, last);
    if (!move) return;
    const { top, bottom, by } = move;
    this.#front.moveRows(top, bottom, by);
    back.dirty.fill(1, top, bottom + 1);
    this.#setErasing();
    const isRegion = bottom < back.height - 1;
    if (isRegion) this.#output += `\x1b[${top + 1};${bottom + 1}r`;
    this.#output += moveTo(top, 0) + sequence(Math.abs(by), by > 0 ? "L" : "M");
    if (isRegion) this.#output += "\x1b[r";
    this.#row = -1; // setting a region moves the cursor
  }

  /** The index of the first cell of a row that the terminal shows otherwise, or -1. */
  #firstDifference(row: number): number {
    const start = row * this.back.width;
    const end = start + this.back.width;
    for (let index = start; index < end; index++) if (!this.back.same(this.#front, index)) return index;
    return -1;
  }

  /**
   * Has the terminal move the rest of a row that only lies further right or left than before: what follows a typed
   * letter.
   */
  #moveCells(row: number, column: number): void {
    const move = findCellMove(this.back, this.#front, row, column);
    if (!move) return;
    const { by } = move;
    this.#moveTo(row, column);
    this.#setErasing();
    this.#output += sequence(Math.abs(by), by > 0 ? "@" : "P");
    this.#front.moveCells(row, column, by);
  }

  #drawRow(row: number): void {
    const { back } = this;
    const start = row * back.width;
    const end = start + back.width;
    let erasedFrom = -1;
    let isFirst = this.#canMove;
    for (let index = start; index < end;) {
      if (back.same(this.#front, index)) {
        index++;
        continue;
      }
      if (isFirst) {
        isFirst = false;
        this.#moveCells(row, index - start);
        continue;
      }
      if (erasedFrom < 0) erasedFrom = this.#erasedTail(start, end);
      if (index >= erasedFrom && end - index > 4) {
        this.#moveTo(row, index - start);
        this.#setErasing();
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
    this.#setPenFor(index);
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
    if (row === this.#row && distance > 0 && distance <= 3 && this.#redrawGap(row, distance)) return;
    const there = moveTo(row, column);
    const near = this.#row < 0 ? there : moveDown(row - this.#row) + moveRight(distance, column);
    this.#output += near.length < there.length ? near : there;
    this.#row = row;
    this.#column = column;
  }

  /**
   * Writes up to three plain characters again, which is shorter than moving the cursor; false when their style differs.
   */
  #redrawGap(row: number, distance: number): boolean {
    const { back } = this;
    const start = row * back.width + this.#column;
    let text = "";
    for (let index = start; index < start + distance; index++) {
      const character = back.characters[index] ?? 0;
      const isPlain = character >= 0x20 && character < 0x7f;
      const isSameStyle =
        back.backgrounds[index] === this.#backgroundCode &&
        back.attributes[index] === this.#attributeCode &&
        (back.foregrounds[index] === this.#foregroundCode || character === blank);
      if (!isPlain || !isSameStyle) return false;
      text += String.fromCharCode(character);
    }
    this.#output += text;
    this.#column += distance;
    return true;
  }

  /** Sets the pen for a cell; a blank takes any that looks the same on a blank. */
  #setPenFor(index: number): void {
    const { back } = this;
    const foreground = back.foregrounds[index] ?? defaultColor;
    const background = back.backgrounds[index] ?? defaultColor;
    const attributes = back.attributes[index] ?? 0;
    if (back.characters[index] === blank && attributes === 0 && this.#drawsBlanksOn(background)) return;
    this.#setPen(foreground, background, attributes);
  }

  /** Sets the pen for what comes in blank: terminals erase with the background of the pen. */
  #setErasing(): void {
    if (!this.#drawsBlanksOn(defaultColor)) this.#setPen(defaultColor, defaultColor, 0);
  }

  /** Whether a blank, written now, shows this background and nothing else. */
  #drawsBlanksOn(background: number): boolean {
    if ((this.#attributes & visibleOnBlank) !== 0 || this.#foregroundCode < 0) return false;
    if (background === this.#backgroundCode) return true;
    const style = this.#theme.resolve(defaultColor, background, 0);
    return style.background === this.#background && (style.attributes & visibleOnBlank) === 0;
  }

  #setPen(foreground: number, background: number, attributes: number): void {
    if (
      this.#foregroundCode === foreground &&
      this.#backgroundCode === background &&
      this.#attributeCode === attributes
    )
      return;
    this.#foregroundCode = foreground;
    this.#backgroundCode = background;
    this.#attributeCode = attributes;
    const style = this.#theme.resolve(foreground, background, attributes);
    let parameters = "";
    if ((style.attributes & this.#attributes) !== this.#attributes) {
      parameters = ";0";
      this.#foreground = "39";
      this.#background = "49";
      this.#attributes = 0;
    }
    const added = style.attributes & ~this.#attributes;
    if (added !== 0) for (const [bit, parameter] of attributeParameters) if (added & bit) parameters += parameter;
    if (style.foreground !== this.#foreground) parameters += `;${style.foreground}`;
    if (style.background !== this.#background) parameters += `;${style.background}`;
    this.#foreground = style.foreground;
    this.#background = style.background;
    this.#attributes = style.attributes;
    if (parameters !== "") this.#output += parameters === ";0" ? "\x1b[m" : `\x1b[${parameters.slice(1)}m`;
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

/** Places the cursor. */
function moveTo(row: number, column: number): string {
  if (column > 0) return `\x1b[${row + 1};${column + 1}H`;
  return row === 0 ? "\x1b[H" : `\x1b[${row + 1}H`;
}

/** Moves the cursor down by so many rows, or up when it is negative. */
function moveDown(rows: number): string {
  return rows === 0 ? "" : rows > 0 ? sequence(rows, "B") : sequence(-rows, "A");
}

/** Moves the cursor right by so many columns, or left when it is negative, into `column`. */
function moveRight(columns: number, column: number): string {
  if (columns === 0) return "";
  if (columns > 0) return sequence(columns, "C");
  if (column === 0) return "\r";
  return columns >= -3 ? "\b".repeat(-columns) : sequence(-columns, "D");
}

function sequence(count: number, final: string): string {
  return count === 1 ? `\x1b[${final}` : `\x1b[${count}${final}`;
}

const attributeParameters: readonly (readonly [number, string])[] = [
  [attribute.bold, ";1"],
  [attribute.dim, ";2"],
  [attribute.italic, ";3"],
  [attribute.underline, ";4"],
  [attribute.inverse, ";7"],
];

/** Whether a symbol's width depends on the terminal's Unicode version and font. */
function isDisputed(character: number): boolean {
  return (
    character >= 0x1f000 || (character >= 0x2300 && character <= 0x23ff) || (character >= 0x2600 && character <= 0x2bff)
  );
}
