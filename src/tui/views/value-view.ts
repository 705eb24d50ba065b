import { valueKeys } from "../../commands/keys/variables-keys.ts";
import { lineKeys, listKeys } from "../../commands/keys/list-keys.ts";
import type { TerminalSize } from "../../base/terminal.ts";
import { stringWidth } from "../../base/width.ts";
import { takeColumns } from "../../base/wrap.ts";
import type { WholeValue } from "../../runner/variables.ts";
import type { Region, Surface } from "../../terminal/draw/surface.ts";
import type { InputEvent } from "../../terminal/input/event.ts";
import { pressedKey } from "../../terminal/input/pressed-key.ts";
import type { Layer } from "../../terminal/layer.ts";
import { fitEnd, padTo } from "./fit.ts";
import { centred, drawFrame, frameColumns, frameRows } from "./frame.ts";
import { hintOf, hintText } from "./hint-line.ts";
import { scrolledLines } from "./scroll-list.ts";
import { dialog, dialogDim, dialogKeys } from "./styles.ts";

/** The value to show. */
export interface ValueOptions {
  readonly value: WholeValue;
  readonly onClose: () => void;
}

const columnsPerStep = 8;
const maxCellColumns = 60;

/** One value in full: a table with the names of its columns above, or lines of text. Scrolls both ways. */
export class ValueView implements Layer {
  readonly modal = true;
  readonly #value: WholeValue;
  readonly #onClose: () => void;
  readonly #widths: readonly number[];
  readonly #textWidth: number;
  #top = 0;
  #left = 0;
  #height = 1;
  #width = 1;

  constructor({ value, onClose }: ValueOptions) {
    this.#value = value;
    this.#onClose = onClose;
    const all = value.columns ? [value.columns, ...value.rows] : value.rows;
    const widths: number[] = [];
    for (const row of all)
      for (const [index, cell] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, stringWidth(cell));
    this.#widths = value.columns ? widths.map((width) => Math.min(width, maxCellColumns)) : widths;
    this.#textWidth = this.#widths.reduce((sum, width) => sum + width + 2, -2);
  }

  region(size: TerminalSize): Region {
    const width = Math.max(50, stringWidth(this.#title) + 8, this.#textWidth + frameColumns);
    const rows = this.#value.rows.length + (this.#value.columns ? 1 : 0) + (this.#value.more > 0 ? 1 : 0);
    return centred(size, Math.min(size.columns - 2, width), Math.min(size.rows - 2, Math.max(1, rows) + 2 + frameRows));
  }

  draw(surface: Surface): void {
    const inside = drawFrame(surface, this.#title);
    const head = this.#value.columns ? 1 : 0;
    this.#height = Math.max(1, inside.height - 2 - head);
    this.#width = inside.width;
    this.#scroll(0, 0);
    if (this.#value.columns) inside.put(0, 0, this.#line(this.#value.columns), dialogKeys);
    for (let row = 0; row < this.#height; row++) {
      const index = this.#top + row;
      const cells = this.#value.rows[index];
      if (cells) inside.put(head + row, 0, this.#line(cells), dialog);
      else if (index === this.#value.rows.length && this.#value.more > 0)
        inside.put(head + row, 0, `… and ${this.#value.more.toLocaleString("en")} more`, dialogDim);
    }
    inside.put(inside.height - 1, 0, fitEnd(this.#hint(), inside.width), dialogDim);
  }

  handle(event: InputEvent): boolean {
    if (event.kind === "key" || event.kind === "text") this.#key(pressedKey(event));
    else if (event.kind === "mouse" && event.action === "wheel-up") this.#scroll(-3, 0);
    else if (event.kind === "mouse" && event.action === "wheel-down") this.#scroll(3, 0);
    return event.kind !== "focus";
  }

  get #title(): string {
    const { name, type, length } = this.#value;
    const words = [type, length === undefined ? "" : `length ${length}`].filter((word) => word !== "");
    return words.length > 0 ? `${name}: ${words.join(", ")}` : name;
  }

  get #count(): number {
    return this.#value.rows.length + (this.#value.more > 0 ? 1 : 0);
  }

  #line(cells: readonly string[]): string {
    const text = this.#value.columns
      ? this.#widths.map((width, index) => padTo(cells[index] ?? "", width)).join("  ")
      : (cells[0] ?? "");
    return fitEnd(text.slice(takeColumns(text, this.#left).length), this.#width);
  }

  #hint(): string {
    const down = this.#count > this.#height ? [hintOf(lineKeys, ["up", "down"], "scroll")] : [];
    const sideways = this.#textWidth > this.#width ? [hintOf(valueKeys, ["left", "right"])] : [];
    return hintText([...down, ...sideways, hintOf(valueKeys, "close")]);
  }

  #key(key: string | undefined): void {
    const command = valueKeys.commandFor(key);
    if (command === "close") return this.#onClose();
    if (command !== undefined) return this.#scroll(0, command === "left" ? -columnsPerStep : columnsPerStep);
    const moved = listKeys.commandFor(key);
    if (moved === undefined) return;
    this.#scroll(scrolledLines(moved, this.#count, this.#height), moved === "first" ? -this.#textWidth : 0);
  }

  #scroll(lines: number, columns: number): void {
    this.#top = Math.max(0, Math.min(this.#top + lines, this.#count - this.#height));
    this.#left = Math.max(0, Math.min(this.#left + columns, this.#textWidth - this.#width));
  }
}
