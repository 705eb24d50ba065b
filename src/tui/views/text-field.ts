/** A field for one line of text: in dialogs, the palette, the find bar and the password form. */
import { fieldKeys, type FieldCommand } from "../../commands/keys/field-keys.ts";
import { charWidth, stringWidth } from "../../base/width.ts";
import type { CellStyle } from "../../terminal/draw/cell-style.ts";
import type { Surface } from "../../terminal/draw/surface.ts";
import type { InputEvent } from "../../terminal/input/event.ts";
import { area } from "./area.ts";
import { takeColumns } from "../../base/wrap.ts";
import { fieldStyle } from "./styles.ts";

/** Splits text into what people count as characters. */
export const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** The content and the bounds of a field. */
export interface TextFieldOptions {
  readonly value?: string;
  /**
   * Whether the field shows a dot for each character; false by default. Neither the text nor its width can be read
   * then.
   */
  readonly masked?: boolean;
  /** Longest value in UTF-16 units; text that would go beyond is cut off. Unlimited by default. */
  readonly maxLength?: number;
}

/** Where the field is drawn on its surface, in cells, and how. */
export interface FieldBox {
  readonly row: number;
  readonly column: number;
  readonly width: number;
  readonly focused: boolean;
  readonly style?: CellStyle;
}

/** A line of text with a cursor, scrolled so that the cursor is visible. */
export class TextField {
  #value: string;
  #cursor: number;
  #scroll = 0;
  readonly #masked: boolean;
  readonly #maxLength: number;

  constructor(options: TextFieldOptions = {}) {
    this.#value = options.value ?? "";
    this.#cursor = this.#value.length;
    this.#masked = options.masked ?? false;
    this.#maxLength = options.maxLength ?? 1000;
  }

  /** The text. */
  get value(): string {
    return this.#value;
  }

  /** Replaces the text; the cursor goes to its end. */
  set value(value: string) {
    this.#value = value;
    this.#cursor = value.length;
  }

  /** Moves the cursor to an offset in UTF-16 units, for example before a name's extension. */
  moveTo(offset: number): void {
    this.#cursor = Math.max(0, Math.min(this.#value.length, offset));
  }

  draw(surface: Surface, box: FieldBox): void {
    const style = box.style ?? fieldStyle;
    const shown = this.#masked ? "•".repeat([...segmenter.segment(this.#value)].length) : this.#value;
    const before = this.#masked
      ? [...segmenter.segment(this.#value.slice(0, this.#cursor))].length
      : stringWidth(this.#value.slice(0, this.#cursor));
    this.#keepInSight(before, box.width);
    surface.fill(area(box.row, box.column, box.width), style);
    surface.put(box.row, box.column, visible(shown, this.#scroll, box.width), style);
    if (box.focused) surface.cursor(box.row, box.column + before - this.#scroll);
  }

  /** Handles editing keys, text and the first line of pastes; false for everything else. */
  handle(event: InputEvent): boolean {
    switch (event.kind) {
      case "text":
        this.#insert(event.text);
        return true;
      case "paste":
        this.#insert(event.text.split(/[\r\n]/, 1)[0] ?? "");
        return true;
      case "key":
        return this.#key(event.name);
      case "mouse":
      case "focus":
        return false;
      default:
        return event satisfies never;
    }
  }

  #key(name: string): boolean {
    const command = fieldKeys.commandFor(name);
    if (command === undefined) return false;
    const next = editText(command, this.#value, this.#cursor);
    this.#value = next.value;
    this.#cursor = next.cursor;
    return true;
  }

  #insert(text: string): void {
    // Control characters in a name or a search would be invisible.
    const clean = text.replace(/[\p{Cc}]/gu, "");
    if (this.#value.length + clean.length > this.#maxLength) return;
    this.#value = this.#value.slice(0, this.#cursor) + clean + this.#value.slice(this.#cursor);
    this.#cursor += clean.length;
  }

  #keepInSight(column: number, width: number): void {
    if (column < this.#scroll) this.#scroll = column;
    if (column > this.#scroll + width - 1) this.#scroll = column - width + 1;
  }
}

/** A text and its cursor, as an offset in UTF-16 units. */
export interface Edited {
  readonly value: string;
  readonly cursor: number;
}

type Edit = (value: string, cursor: number) => Edited;

const move =
  (to: (value: string, cursor: number) => number): Edit =>
  (value, cursor) => ({ value, cursor: to(value, cursor) });

/** Deletes the text between the cursor and the offset that `to` gives. */
const remove =
  (to: (value: string, cursor: number) => number): Edit =>
  (value, cursor) => {
    const other = to(value, cursor);
    const start = Math.min(cursor, other);
    return { value: value.slice(0, start) + value.slice(Math.max(cursor, other)), cursor: start };
  };

const toStart = (): number => 0;
const toEnd = (value: string): number => value.length;

const edits: Readonly<Record<FieldCommand, Edit>> = {
  left: move(previousGrapheme),
  right: move(nextGrapheme),
  "word-left": move(previousWord),
  "word-right": move(nextWord),
  "line-start": move(toStart),
  "line-end": move(toEnd),
  "delete-left": remove(previousGrapheme),
  "delete-right": remove(nextGrapheme),
  "delete-word-left": remove(previousWord),
  "delete-to-start": remove(toStart),
};

/** The text after an editing command. */
export function editText(command: FieldCommand, value: string, cursor: number): Edited {
  return edits[command](value, cursor);
}

function previousGrapheme(value: string, cursor: number): number {
  let last = 0;
  for (const { index } of segmenter.segment(value.slice(0, cursor))) last = index;
  return last;
}

function nextGrapheme(value: string, cursor: number): number {
  for (const { segment } of segmenter.segment(value.slice(cursor))) return cursor + segment.length;
  return cursor;
}

function previousWord(value: string, cursor: number): number {
  return value.slice(0, cursor).replace(/[\p{L}\p{N}_]*[^\p{L}\p{N}_]*$/u, "").length;
}

function nextWord(value: string, cursor: number): number {
  return cursor + (/^[^\p{L}\p{N}_]*[\p{L}\p{N}_]*/u.exec(value.slice(cursor))?.[0].length ?? 0);
}

/** The part of `text` from column `skip` that fits `width`. A wide character cut at the left becomes a blank. */
function visible(text: string, skip: number, width: number): string {
  let column = 0;
  let index = 0;
  for (const character of text) {
    if (column >= skip) break;
    column += charWidth(character.codePointAt(0) ?? 0);
    index += character.length;
  }
  return takeColumns(" ".repeat(Math.max(0, column - skip)) + text.slice(index), width);
}
