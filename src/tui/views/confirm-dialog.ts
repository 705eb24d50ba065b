import { stringWidth } from "../../editor/width.ts";
import type { TerminalSize } from "../../base/terminal.ts";
import type { Region, Surface } from "../draw/surface.ts";
import type { InputEvent, MouseEvent } from "../input/event.ts";
import { wrap } from "./fit.ts";
import { centred, drawFrame, frameColumns, frameRows, widest } from "./frame.ts";
import { button, buttonFocused, dialog } from "./styles.ts";
import type { Layer } from "../layer.ts";

/** An answer: its letter, which must occur in the label, is underlined and chooses it. */
export interface DialogButton<T> {
  readonly label: string;
  readonly letter: string;
  readonly value: T;
}

export interface ConfirmOptions<T> {
  readonly title: string;
  readonly text: string;
  readonly buttons: readonly DialogButton<T>[];
  /** The safe choice: in focus at first. */
  readonly initial: number;
  /** What Escape answers. */
  readonly cancel: T;
  readonly onClose: (value: T) => void;
}

const widestText = 64;

/** One question with a few answers. Takes every event until it is answered. */
export class ConfirmDialog<T> implements Layer {
  readonly modal = true;
  readonly #options: ConfirmOptions<T>;
  #focus: number;
  /** Where the buttons were drawn last, for the mouse. */
  #placed: readonly Region[] = [];

  constructor(options: ConfirmOptions<T>) {
    this.#options = options;
    this.#focus = options.initial;
  }

  region(size: TerminalSize): Region {
    const { title, text, buttons } = this.#options;
    const limit = Math.min(widestText, size.columns - frameColumns - 2);
    const width = Math.min(limit, Math.max(widest(wrap(text, limit)), buttonsWidth(buttons), stringWidth(title) + 4, 30));
    const lines = wrap(text, width).length;
    return centred(size, width + frameColumns, lines + 3 + frameRows);
  }

  draw(surface: Surface): void {
    const inside = drawFrame(surface, this.#options.title);
    const lines = wrap(this.#options.text, inside.width).slice(0, Math.max(1, inside.height - 3));
    for (const [index, line] of lines.entries()) inside.put(index + 1, 0, line, dialog);
    const width = buttonsWidth(this.#options.buttons);
    this.#drawButtons(surface, inside.height, 2 + Math.max(0, inside.width - width));
  }

  handle(event: InputEvent): boolean {
    if (event.kind === "key") this.#key(event.name);
    else if (event.kind === "text") this.#letter(event.text);
    else if (event.kind === "mouse") this.#mouse(event);
    return event.kind !== "focus";
  }

  #drawButtons(surface: Surface, row: number, left: number): void {
    let column = left;
    const placed: Region[] = [];
    for (const [index, { label, letter }] of this.#options.buttons.entries()) {
      const style = index === this.#focus ? buttonFocused : button;
      const start = column;
      // Brackets as well as colour: the button in focus shows on a screen without colours too.
      column += surface.put(row, column, index === this.#focus ? "[ " : "  ", style);
      const at = label.toLowerCase().indexOf(letter.toLowerCase());
      column += surface.put(row, column, label.slice(0, at), style);
      column += surface.put(row, column, label.slice(at, at + 1), { ...style, underline: true });
      column += surface.put(row, column, label.slice(at + 1), style);
      column += surface.put(row, column, index === this.#focus ? " ]" : "  ", style);
      placed.push({ row, column: start, width: column - start, height: 1 });
      if (index === this.#focus) surface.cursor(row, start + 2);
      column += 2;
    }
    this.#placed = placed;
  }

  #key(name: string): void {
    const count = this.#options.buttons.length;
    if (name === "Escape" || name === "Ctrl-C") this.#options.onClose(this.#options.cancel);
    else if (name === "Enter") this.#choose(this.#focus);
    else if (name === "Right" || name === "Tab" || name === "Down") this.#focus = (this.#focus + 1) % count;
    else if (name === "Left" || name === "Shift-Tab" || name === "Up") this.#focus = (this.#focus + count - 1) % count;
  }

  #letter(text: string): void {
    const index = this.#options.buttons.findIndex(({ letter }) => letter.toLowerCase() === text.toLowerCase());
    if (index >= 0) this.#choose(index);
  }

  #mouse(event: MouseEvent): void {
    if (event.action !== "press") return;
    const index = this.#placed.findIndex(
      ({ row, column, width }) => event.row === row && event.column >= column && event.column < column + width,
    );
    if (index >= 0) this.#choose(index);
  }

  #choose(index: number): void {
    const chosen = this.#options.buttons[index];
    if (chosen) this.#options.onClose(chosen.value);
  }
}

function buttonsWidth(buttons: readonly { readonly label: string }[]): number {
  return buttons.reduce((sum, { label }) => sum + stringWidth(label) + 6, -2);
}

/** A dialog that only tells something. */
export function messageDialog(options: { title: string; text: string; onClose: () => void }): ConfirmDialog<void> {
  return new ConfirmDialog<void>({
    ...options,
    buttons: [{ label: "OK", letter: "O", value: undefined }],
    initial: 0,
    cancel: undefined,
  });
}
