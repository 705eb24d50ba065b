/**
 * Somebody who reads what a console has printed: where they are, their cursor and what they have selected. It belongs to
 * one terminal; others read elsewhere. Places are lines' numbers, so the text stays where it is while output goes on.
 */
import { stringWidth } from "../../base/width.ts";
import type { ReadingCommand } from "../../commands/keys/console-keys.ts";
import type { ConsolePlace, ConsoleText } from "../../session/console-text.ts";
import { foldOf } from "./console-folds.ts";
import { offsetIn, rowAfter, rowAt, rowBefore, rowBy, type ConsoleRow, type RowOptions } from "./console-rows.ts";

/** A line that somebody points at. */
export interface ReadLine {
  readonly text: string;
  /** Its number in the console's text (session/console-text), which also has its neighbours. */
  readonly number: number;
  /** The offset of the cursor in it, in UTF-16 units. */
  readonly offset: number;
}

/** What is selected, from one place to another. */
export interface ConsoleSelection {
  readonly from: ConsolePlace;
  readonly to: ConsolePlace;
}

/** Most characters that are copied. */
const maxCopied = 1 << 20;

/** A reader's place, cursor and selection. */
export class ConsoleReader {
  readonly text: ConsoleText;
  readonly #opened = new Set<number>();
  #width = 80;
  #height = 10;
  #atWords = false;
  #top: ConsolePlace;
  #cursor: ConsolePlace;
  #anchor: ConsolePlace | undefined;
  /** The column that Up and Down keep. */
  #column: number | undefined;
  /** The end of the text when the reader was there last. */
  #seen: number;

  /** Begins with a row at the top, and the cursor somewhere. */
  constructor(text: ConsoleText, top: ConsolePlace, cursor: ConsolePlace) {
    this.text = text;
    this.#top = top;
    this.#cursor = cursor;
    this.#seen = text.end;
  }

  /** Adapts to the pane. */
  fit(width: number, height: number, atWords: boolean): void {
    this.#width = Math.max(1, width);
    this.#height = Math.max(1, height);
    this.#atWords = atWords;
  }

  /** The rows in sight, the first of them at the top. */
  get rows(): readonly ConsoleRow[] {
    const { options } = this;
    const rows: ConsoleRow[] = [];
    let row: ConsoleRow | undefined = rowAt(options, this.#top);
    for (; row && rows.length < this.#height; row = rowAfter(options, row)) rows.push(row);
    return rows;
  }

  /** The cursor, within the text. */
  get cursor(): ConsolePlace {
    const { first, end } = this.text;
    const line = Math.max(first, Math.min(this.#cursor.line, end - 1));
    if (line !== this.#cursor.line) return { line, offset: 0 };
    return { line, offset: Math.min(this.#cursor.offset, this.text.line(line).text.length) };
  }

  /** The line that the cursor is in; undefined on the marker of a fold. */
  get line(): ReadLine | undefined {
    const { line, offset } = this.cursor;
    if (foldOf(this.text, line, this.#opened)) return undefined;
    return { text: this.text.line(line).text, number: line, offset };
  }

  /** What is selected; undefined when nothing is. */
  get selection(): ConsoleSelection | undefined {
    const { cursor } = this;
    const anchor = this.#anchor;
    if (!anchor || (anchor.line === cursor.line && anchor.offset === cursor.offset)) return undefined;
    const isForward = anchor.line < cursor.line || (anchor.line === cursor.line && anchor.offset < cursor.offset);
    return isForward ? { from: anchor, to: cursor } : { from: cursor, to: anchor };
  }

  /** The selected text, lines that are folded included, cut at a million characters; empty when nothing is selected. */
  get selectedText(): string {
    const { selection, text } = this;
    if (!selection) return "";
    const { from, to } = selection;
    const lines: string[] = [];
    let length = 0;
    for (let number = Math.max(from.line, text.first); number <= to.line && length < maxCopied; number++) {
      const whole = text.line(number).text;
      const part = whole.slice(number === from.line ? from.offset : 0, number === to.line ? to.offset : undefined);
      lines.push(part);
      length += part.length + 1;
    }
    return lines.join("\n").slice(0, maxCopied);
  }

  /** Lines that came since the reader left the end. */
  get unseen(): number {
    return Math.max(0, this.text.end - this.#seen);
  }

  /** Whether the last row is in sight, and nothing is selected that an end of reading would lose. */
  get isAtEnd(): boolean {
    const last = this.rows.at(-1);
    return this.selection === undefined && (!last || rowAfter(this.options, last) === undefined);
  }

  /** How rows are made. */
  get options(): RowOptions {
    return { text: this.text, width: this.#width, atWords: this.#atWords, opened: this.#opened };
  }

  /** Scrolls by rows; the cursor stays where it is, in sight. */
  scroll(rows: number): void {
    this.#top = placeOf(rowBy(this.options, rowAt(this.options, this.#top), rows));
    this.#keepFull();
    this.#keepCursorInSight();
  }

  /** Moves the cursor. False at the end of the text, where there is nowhere to go. */
  move(command: ReadingCommand): boolean {
    const { name, selects } = moveOf(command);
    const before = this.cursor;
    const after = this.#target(name, before);
    if (selects) this.#anchor ??= before;
    else this.#anchor = undefined;
    const isPage = name === "page-up" || name === "page-down";
    if (name !== "up" && name !== "down" && !isPage) this.#column = undefined;
    if (isPage) this.scroll((name === "page-up" ? -1 : 1) * this.#page);
    this.#cursor = after;
    this.#reveal();
    const isSame = after.line === before.line && after.offset === before.offset;
    return !isSame || !(name === "down" || name === "page-down" || name === "last");
  }

  /** Shows a place and selects from there to another. */
  show(from: ConsolePlace, to: ConsolePlace = from): void {
    const fold = foldOf(this.text, from.line, this.#opened);
    if (fold) this.#opened.add(fold.end);
    this.#anchor = from;
    this.#cursor = to;
    this.#column = undefined;
    this.#reveal();
  }

  /** Scrolls as far as the cursor needs. */
  revealCursor(): void {
    this.#reveal();
  }

  /** Opens the fold at the cursor; false when there is none. */
  open(): boolean {
    const fold = foldOf(this.text, this.cursor.line, this.#opened);
    if (!fold) return false;
    this.#opened.add(fold.end);
    this.#cursor = { line: fold.start, offset: 0 };
    return true;
  }

  /** Puts the cursor where the mouse points, in rows and columns of the pane. */
  point(row: number, column: number): void {
    this.#cursor = this.#placeAt(row, column);
    this.#anchor = undefined;
    this.#column = undefined;
  }

  /** Selects from where the mouse went down. Beyond the edges, the text scrolls. */
  drag(row: number, column: number): void {
    this.#anchor ??= this.cursor;
    if (row < 0) this.#top = placeOf(rowBy(this.options, rowAt(this.options, this.#top), -1));
    if (row >= this.#height) {
      this.#top = placeOf(rowBy(this.options, rowAt(this.options, this.#top), 1));
      this.#keepFull();
    }
    this.#cursor = this.#placeAt(Math.max(0, Math.min(row, this.#height - 1)), column);
  }

  /** Selects the word at the cursor, or the whole line. */
  selectAround(what: "word" | "line"): void {
    const { line, offset } = this.cursor;
    const { text } = this.text.line(line);
    const before = what === "line" ? 0 : text.slice(0, offset).search(/[\p{L}\p{N}_]*$/u);
    const after =
      what === "line" ? text.length : offset + (/^[\p{L}\p{N}_]*/u.exec(text.slice(offset))?.[0].length ?? 0);
    this.#anchor = { line, offset: before };
    this.#cursor = { line, offset: after };
  }

  get #page(): number {
    return Math.max(1, this.#height - 1);
  }

  #target(name: string, at: ConsolePlace): ConsolePlace {
    const row = rowAt(this.options, at);
    const { text } = this.text.line(row.line);
    switch (name) {
      case "up":
        return this.#inColumn(at, row, rowBy(this.options, row, -1));
      case "down":
        return this.#inColumn(at, row, rowBy(this.options, row, 1));
      case "page-up":
        return this.#inColumn(at, row, rowBy(this.options, row, -this.#page));
      case "page-down":
        return this.#inColumn(at, row, rowBy(this.options, row, this.#page));
      case "left":
        return this.#left(at, row);
      case "right":
        return this.#right(at, row);
      case "line-start":
        return { line: row.line, offset: 0 };
      case "line-end":
        return { line: row.line, offset: row.fold ? 0 : text.length };
      case "first":
        return { line: this.text.first, offset: 0 };
      default:
        return { line: this.text.end - 1, offset: this.text.line(this.text.end - 1).text.length };
    }
  }

  #left(at: ConsolePlace, row: ConsoleRow): ConsolePlace {
    if (at.offset > 0 && !row.fold) return { line: at.line, offset: before(this.text.line(at.line).text, at.offset) };
    return this.#endOf(rowBefore(this.options, { ...row, start: 0 }) ?? row);
  }

  #right(at: ConsolePlace, row: ConsoleRow): ConsolePlace {
    const { text } = this.text.line(at.line);
    if (at.offset < text.length && !row.fold) return { line: at.line, offset: after(text, at.offset) };
    return placeOf(rowAfter(this.options, { ...row, end: text.length }) ?? { ...row, start: at.offset });
  }

  #endOf(row: ConsoleRow): ConsolePlace {
    return { line: row.line, offset: row.end };
  }

  #inColumn(at: ConsolePlace, from: ConsoleRow, to: ConsoleRow): ConsolePlace {
    this.#column ??= stringWidth(this.text.line(from.line).text.slice(from.start, at.offset));
    const { text } = this.text.line(to.line);
    const offset = to.fold ? 0 : offsetIn(text, to, this.#column);
    // The end of a row that is not its line's last is the beginning of the next one.
    const isBehind = offset === to.end && offset < text.length && offset > to.start;
    return { line: to.line, offset: isBehind ? before(text, offset) : offset };
  }

  #placeAt(row: number, column: number): ConsolePlace {
    const { rows } = this;
    const at = rows[Math.max(0, row)] ?? rows.at(-1);
    if (!at) return this.cursor;
    if (row >= rows.length) return this.#endOf(at);
    return { line: at.line, offset: at.fold ? 0 : offsetIn(this.text.line(at.line).text, at, Math.max(0, column)) };
  }

  /** Scrolls as far as the cursor needs. */
  #reveal(): void {
    const { options } = this;
    const row = rowAt(options, this.cursor);
    const top = rowAt(options, this.#top);
    if (isBefore(row, top)) this.#top = placeOf(row);
    else if (!this.rows.some((shown) => isSame(shown, row))) this.#top = placeOf(rowBy(options, row, 1 - this.#height));
    this.#keepFull();
  }

  /** No blank rows below the end while there is text above. */
  #keepFull(): void {
    const { rows, options } = this;
    const [top] = rows;
    if (top && rows.length < this.#height) this.#top = placeOf(rowBy(options, top, rows.length - this.#height));
  }

  #keepCursorInSight(): void {
    if (this.#anchor) return;
    const { rows, cursor } = this;
    const row = rowAt(this.options, cursor);
    const [top] = rows;
    const bottom = rows.at(-1);
    if (!top || !bottom || rows.some((shown) => isSame(shown, row))) return;
    this.#cursor = placeOf(isBefore(row, top) ? top : bottom);
  }
}

function placeOf(row: Pick<ConsoleRow, "line" | "start">): ConsolePlace {
  return { line: row.line, offset: row.start };
}

function isSame(a: ConsoleRow, b: ConsoleRow): boolean {
  return a.line === b.line && a.start === b.start;
}

function isBefore(a: ConsoleRow, b: ConsoleRow): boolean {
  return a.line < b.line || (a.line === b.line && a.start < b.start);
}

function before(text: string, offset: number): number {
  const isPair = offset > 1 && /[\ud800-\udbff]/.test(text[offset - 2] ?? "");
  return offset - (isPair && /[\udc00-\udfff]/.test(text[offset - 1] ?? "") ? 2 : 1);
}

function after(text: string, offset: number): number {
  return offset + ((text.codePointAt(offset) ?? 0) > 0xffff ? 2 : 1);
}

function moveOf(command: ReadingCommand): { readonly name: string; readonly selects: boolean } {
  const selects = command.startsWith("select-");
  return { name: selects ? command.slice("select-".length) : command, selects };
}
