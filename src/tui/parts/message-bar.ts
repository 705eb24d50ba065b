/** A new message, in a bar under the header. It takes neither the focus nor a key, and disappears by itself. */
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

/** What the bar needs of its screen. */
export interface MessageBarOptions {
  readonly clock: Clock;
  /** What to do about the message, at the end of the bar: "F12 opens". */
  readonly hint?: string;
  /** The number of unread messages: the bar shows only the last message. */
  readonly unread: () => number;
  readonly redraw: () => void;
  /** Called when the person clicks on the bar. */
  readonly open: () => void;
}

const shownMs = 10_000;
const maxRows = 3;
const usualHint = `${paneKeys.editor.binding("inbox").keys.join(" or ")} opens`;
const style = { foreground: "bar-text", background: "bar" } as const;

/** The bar: a layer that is empty while there is no message. */
export class MessageBar implements Layer, Disposable {
  readonly #options: MessageBarOptions;
  #text: string | undefined;
  #timer: Disposable | undefined;

  constructor(options: MessageBarOptions) {
    this.#options = options;
  }

  /** Whether the bar is visible. */
  get shown(): boolean {
    return this.#text !== undefined;
  }

  /** Shows a message in place of the one before. */
  show(text: string): void {
    this.#timer?.[Symbol.dispose]();
    this.#text = text;
    this.#timer = this.#options.clock.after(shownMs, () => this.hide());
    this.#options.redraw();
  }

  /** Hides the bar. */
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

  /** The lines of the message; the last one leaves room for the hint. */
  #lines(width: number): readonly string[] {
    const room = width - 2;
    const lines = wrap(`✉ ${this.#text ?? ""}`, room);
    // Joined lines of code would be another program: lines without room are only counted.
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
