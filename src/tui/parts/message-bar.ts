/** A message that has just come, under the header: it takes neither the focus nor a key, and goes by itself. */
import { paneKeys } from "../../commands/keys/pane-keys.ts";
import type { Clock } from "../../base/clock.ts";
import type { TerminalSize } from "../../base/terminal.ts";
import { stringWidth } from "../../base/width.ts";
import type { Region, Surface } from "../../terminal/draw/surface.ts";
import type { InputEvent } from "../../terminal/input/event.ts";
import type { Layer } from "../../terminal/layer.ts";
import { area } from "../views/area.ts";
import { wrap } from "../../base/wrap.ts";
import { fitEnd } from "../views/fit.ts";
import { isTooSmallForIde } from "../views/layout.ts";

export interface MessageBarOptions {
  readonly clock: Clock;
  /** Which keys open the inbox: "F12 opens". */
  readonly hint?: string;
  /** How many messages the person has not read: the bar shows only the last one. */
  readonly unread: () => number;
  readonly redraw: () => void;
  /** The person clicked on it. */
  readonly open: () => void;
}

const shownMs = 10_000;
const maxRows = 3;
const usualHint = `${paneKeys.editor.binding("inbox").keys.join(" or ")} opens`;
const style = { foreground: "bar-text", background: "bar" } as const;

export class MessageBar implements Layer, Disposable {
  readonly #options: MessageBarOptions;
  #text: string | undefined;
  #timer: Disposable | undefined;

  constructor(options: MessageBarOptions) {
    this.#options = options;
  }

  get shown(): boolean {
    return this.#text !== undefined;
  }

  show(text: string): void {
    this.#timer?.[Symbol.dispose]();
    this.#text = text;
    this.#timer = this.#options.clock.after(shownMs, () => this.hide());
    this.#options.redraw();
  }

  hide(): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    if (this.#text === undefined) return;
    this.#text = undefined;
    this.#options.redraw();
  }

  region(size: TerminalSize): Region {
    if (this.#text === undefined || isTooSmallForIde(size)) return area(0, 0, 0, 0);
    return area(1, 0, size.columns, this.#lines(size.columns).length);
  }

  draw(surface: Surface): void {
    const { width, height } = surface;
    surface.fill(area(0, 0, width, height), style);
    for (const [row, line] of this.#lines(width).entries())
      surface.put(row, 1, line, row === 0 ? { ...style, bold: true } : style);
    surface.put(height - 1, Math.max(0, width - stringWidth(this.#hint) - 1), this.#hint, style);
  }

  handle(event: InputEvent): boolean {
    if (event.kind !== "mouse") return false;
    if (event.action === "press") this.#options.open();
    return true;
  }

  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]();
  }

  get #hint(): string {
    const hint = this.#options.hint ?? usualHint;
    const unread = this.#options.unread();
    return unread > 1 ? `  ${unread} unread, ${hint}` : `  ${hint}`;
  }

  /** The last line has room for the hint. */
  #lines(width: number): readonly string[] {
    const room = width - 2;
    const lines = wrap(`✉ ${this.#text ?? ""}`, room);
    // Lines of code run into one another would be another program: what has no room is only counted.
    const isCode = this.#text?.includes("\n") === true;
    const rest = lines.slice(maxRows - 1);
    const end = isCode ? `… ${rest.length} more lines` : fitEnd(rest.join(" "), room - stringWidth(this.#hint));
    const short = lines.length > maxRows ? [...lines.slice(0, maxRows - 1), end] : lines;
    const last = short.at(-1) ?? "";
    if (stringWidth(last) + stringWidth(this.#hint) <= room) return short;
    return short.length < maxRows
      ? [...short, ""]
      : [...short.slice(0, -1), fitEnd(last, room - stringWidth(this.#hint))];
  }
}
