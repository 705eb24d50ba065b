import { stringWidth } from "../../base/width.ts";
import type { TerminalSize } from "../../base/terminal.ts";
import { differenceKeys } from "../../commands/keys/dialog-keys.ts";
import { lineKeys, listKeys } from "../../commands/keys/list-keys.ts";
import type { Difference, DifferenceLine } from "../../session/difference.ts";
import type { CellStyle } from "../../terminal/draw/cell-style.ts";
import type { Region, Surface } from "../../terminal/draw/surface.ts";
import type { InputEvent } from "../../terminal/input/event.ts";
import { pressedKey } from "../../terminal/input/pressed-key.ts";
import type { Layer } from "../../terminal/layer.ts";
import { takeColumns, wrap } from "../../base/wrap.ts";
import { fitEnd } from "./fit.ts";
import { centred, drawFrame, frameColumns, frameRows } from "./frame.ts";
import { hintOf, hintText } from "./hint-line.ts";
import { scrolledLines } from "./scroll-list.ts";
import { dialog, dialogAdded, dialogDim, dialogRemoved } from "./styles.ts";

/** The two texts to compare. */
export interface DifferenceOptions {
  /** The file's name. */
  readonly name: string;
  /** The difference; undefined when the texts are too large or too different to be compared. */
  readonly difference: Difference | undefined;
  readonly onClose: () => void;
}

const columnsPerStep = 8;
const nothingToShow = {
  same: "Both texts are the same.",
  incomparable: "The two texts are too large, or too different, to show line by line.",
};

/**
 * Two versions of a text in one list: lines that only the file has, and lines that only the person has. Scrolls both
 * ways.
 */
export class DifferenceView implements Layer {
  readonly modal = true;
  readonly #options: DifferenceOptions;
  readonly #lines: Difference;
  readonly #numberWidth: number;
  readonly #textWidth: number;
  #top = 0;
  #left = 0;
  #height = 1;
  #width = 1;

  constructor(options: DifferenceOptions) {
    this.#options = options;
    this.#lines = options.difference ?? [];
    let last = 1;
    let widest = 0;
    for (const line of this.#lines) {
      if (line.kind === "gap") continue;
      last = Math.max(last, line.theirs ?? 0, line.mine ?? 0);
      widest = Math.max(widest, stringWidth(shown(line)));
    }
    this.#numberWidth = String(last).length;
    this.#textWidth = widest;
  }

  region(size: TerminalSize): Region {
    const width = Math.max(60, Math.min(size.columns - 2, this.#textWidth + this.#gutter + frameColumns));
    return centred(size, width, Math.min(size.rows - 2, Math.max(1, this.#lines.length) + 4 + frameRows));
  }

  draw(surface: Surface): void {
    const inside = drawFrame(surface, `${this.#options.name}: what differs`);
    this.#height = Math.max(1, inside.height - 4);
    this.#width = Math.max(1, inside.width - this.#gutter);
    this.#scroll(0, 0);
    const used = inside.put(0, 0, "- only in the file", dialogRemoved);
    inside.put(0, used + 3, "+ only in yours", dialogAdded);
    if (this.#lines.length === 0) {
      const text = this.#options.difference ? nothingToShow.same : nothingToShow.incomparable;
      for (const [row, line] of wrap(text, inside.width).entries()) inside.put(2 + row, 0, line, dialog);
    }
    for (let row = 0; row < this.#height; row++) this.#drawLine(inside, 2 + row, this.#lines[this.#top + row]);
    inside.put(inside.height - 1, 0, fitEnd(this.#hint(), inside.width), dialogDim);
  }

  handle(event: InputEvent): boolean {
    if (event.kind === "key" || event.kind === "text") this.#key(pressedKey(event));
    else if (event.kind === "mouse" && event.action === "wheel-up") this.#scroll(-3, 0);
    else if (event.kind === "mouse" && event.action === "wheel-down") this.#scroll(3, 0);
    return event.kind !== "focus";
  }

  /** The width of two columns of line numbers and one of signs. */
  get #gutter(): number {
    return 2 * this.#numberWidth + 4;
  }

  #drawLine(surface: Surface, row: number, line: Difference[number] | undefined): void {
    if (!line) return;
    if (line.kind === "gap") {
      surface.put(row, 0, "⋯", dialogDim);
      return;
    }
    const number = (value: number | undefined): string => String(value ?? "").padStart(this.#numberWidth);
    surface.put(row, 0, `${number(line.theirs)} ${number(line.mine)}`, dialogDim);
    const { sign, style } = lineStyles[line.kind];
    const text = shown(line);
    const rest = text.slice(takeColumns(text, this.#left).length);
    surface.put(row, this.#gutter - 2, `${sign} ${fitEnd(rest, this.#width)}`, style);
  }

  #hint(): string {
    const down = this.#lines.length > this.#height ? [hintOf(lineKeys, ["up", "down"], "scroll")] : [];
    const sideways = this.#textWidth > this.#width ? [hintOf(differenceKeys, ["left", "right"])] : [];
    return hintText([...down, ...sideways, hintOf(differenceKeys, "close")]);
  }

  #key(key: string | undefined): void {
    const command = differenceKeys.commandFor(key);
    if (command === "close") return this.#options.onClose();
    if (command !== undefined) return this.#scroll(0, command === "left" ? -columnsPerStep : columnsPerStep);
    const moved = listKeys.commandFor(key);
    if (moved === undefined) return;
    const lines = scrolledLines(moved, this.#lines.length, this.#height);
    this.#scroll(lines, moved === "first" ? -this.#textWidth : 0);
  }

  #scroll(lines: number, columns: number): void {
    this.#top = Math.max(0, Math.min(this.#top + lines, this.#lines.length - this.#height));
    this.#left = Math.max(0, Math.min(this.#left + columns, this.#textWidth - this.#width));
  }
}

/** The sign and the colour of each kind of line. */
const lineStyles: Readonly<Record<DifferenceLine["kind"], { readonly sign: string; readonly style: CellStyle }>> = {
  same: { sign: " ", style: dialog },
  theirs: { sign: "-", style: dialogRemoved },
  mine: { sign: "+", style: dialogAdded },
};

function shown({ text }: DifferenceLine): string {
  return text.replaceAll("\t", "    ");
}
