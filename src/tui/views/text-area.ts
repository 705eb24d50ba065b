/** A field for several lines of text, for messages. Alt-Enter begins a new line; Enter belongs to the dialog. */
import { fieldKeys, textAreaKeys } from "../../commands/keys/field-keys.ts";
import { charWidth, stringWidth } from "../../base/width.ts";
import type { Surface } from "../../terminal/draw/surface.ts";
import type { InputEvent } from "../../terminal/input/event.ts";
import { area } from "./area.ts";
import { fieldStyle } from "./styles.ts";
import { editText, segmenter } from "./text-field.ts";

/** The bounds of a text area. */
export interface TextAreaOptions {
  /** Longest value in UTF-16 units; text that would go beyond is refused. */
  readonly maxLength: number;
}

/** Where the area is drawn on its surface, in cells. */
export interface TextAreaBox {
  readonly row: number;
  readonly column: number;
  readonly width: number;
  readonly height: number;
}

/** A line on the screen, from one offset of the text to another. */
interface ScreenLine {
  readonly from: number;
  readonly to: number;
}

/** A text with a cursor, wrapped at its width. */
export class TextArea {
  readonly #maxLength: number;
  #value = "";
  #cursor = 0;
  #top = 0;
  #width = 1;
  /** Whether the last input was refused. */
  #refused = false;

  constructor(options: TextAreaOptions) {
    this.#maxLength = options.maxLength;
  }

  /** The text; lines end with \n. */
  get value(): string {
    return this.#value;
  }

  /** Whether the last input was too long, so that none of it was accepted. */
  get refused(): boolean {
    return this.#refused;
  }

  draw(surface: Surface, { row, column, width, height }: TextAreaBox): void {
    this.#width = width;
    const lines = this.#lines();
    const at = lineOf(lines, this.#cursor);
    this.#top = Math.max(at - height + 1, Math.min(this.#top, at, Math.max(0, lines.length - height)));
    surface.fill(area(row, column, width, height), fieldStyle);
    for (const [index, { from, to }] of lines.slice(this.#top, this.#top + height).entries())
      surface.put(row + index, column, this.#value.slice(from, to), fieldStyle);
    const before = stringWidth(this.#value.slice(lines[at]?.from ?? 0, this.#cursor));
    surface.cursor(row + at - this.#top, column + Math.min(before, width - 1));
  }

  /** Handles editing keys, text and pastes; false for everything else. */
  handle(event: InputEvent): boolean {
    switch (event.kind) {
      case "text":
      case "paste":
        this.#insert(event.text);
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
    const command = textAreaKeys.commandFor(name) ?? fieldKeys.commandFor(name);
    const lines = this.#lines();
    const at = lineOf(lines, this.#cursor);
    switch (command) {
      case undefined:
        return false;
      case "new-line":
        return this.#insert("\n");
      case "indent":
        return this.#insert("    ");
      case "line-up":
        return this.#moveTo(lines, at, at - 1);
      case "line-down":
        return this.#moveTo(lines, at, at + 1);
      case "line-start":
        this.#cursor = lines[at]?.from ?? 0;
        return true;
      case "line-end":
        this.#cursor = lines[at]?.to ?? this.#value.length;
        return true;
    }
    const edited = editText(command, this.#value, this.#cursor);
    this.#value = edited.value;
    this.#cursor = edited.cursor;
    this.#refused = false;
    return true;
  }

  /** Moves the cursor to the same column of another line, or as near as the line is long. */
  #moveTo(lines: readonly ScreenLine[], from: number, to: number): boolean {
    const here = lines[from];
    const there = lines[to];
    if (!here || !there) return true;
    const wanted = stringWidth(this.#value.slice(here.from, this.#cursor));
    let column = 0;
    this.#cursor = there.from;
    for (const { segment } of segmenter.segment(this.#value.slice(there.from, there.to))) {
      column += stringWidth(segment);
      if (column > wanted) break;
      this.#cursor += segment.length;
    }
    return true;
  }

  #insert(text: string): true {
    const clean = text
      .replace(/\r\n|[\r\u0085\u2028\u2029]/g, "\n")
      .replaceAll("\t", "    ")
      .replace(/[^\P{Cc}\n]/gu, "");
    this.#refused = this.#value.length + clean.length > this.#maxLength;
    if (this.#refused) return true;
    this.#value = this.#value.slice(0, this.#cursor) + clean + this.#value.slice(this.#cursor);
    this.#cursor += clean.length;
    return true;
  }

  /** The text's lines on the screen: broken at line ends, and where a line is full. */
  #lines(): readonly ScreenLine[] {
    const lines: ScreenLine[] = [];
    let from = 0;
    let used = 0;
    let offset = 0;
    for (const character of this.#value) {
      const wide = charWidth(character.codePointAt(0) ?? 0);
      if (character === "\n") {
        lines.push({ from, to: offset });
        from = offset + 1;
        used = 0;
      } else if (used + wide > this.#width) {
        lines.push({ from, to: offset });
        from = offset;
        used = wide;
      } else {
        used += wide;
      }
      offset += character.length;
    }
    return [...lines, { from, to: offset }];
  }
}

/** The index of the cursor's line; at the seam of a full line, the one that begins there. */
function lineOf(lines: readonly ScreenLine[], cursor: number): number {
  return Math.max(
    0,
    lines.findLastIndex(({ from }) => from <= cursor),
  );
}
