import { stringWidth } from "../../base/width.ts";
import type { TerminalSize } from "../../base/terminal.ts";
import { answerKeys, confirmKeys } from "../../commands/keys/dialog-keys.ts";
import type { KeyContext } from "../../commands/keys/key-context.ts";
import type { Region, Surface } from "../../terminal/draw/surface.ts";
import type { InputEvent, MouseEvent } from "../../terminal/input/event.ts";
import { wrap } from "../../base/wrap.ts";
import { centred, drawFrame, frameColumns, frameRows, widest } from "./frame.ts";
import { button, buttonFocused, dialog } from "./styles.ts";
import type { Layer } from "../../terminal/layer.ts";

/** A button for an answer. `letter`, which must occur in the label, is underlined and chooses the answer. */
export interface DialogButton<T> {
  readonly label: string;
  readonly letter: string;
  readonly value: T;
}

/** A question and its answers. */
export interface ConfirmOptions<T> {
  readonly title: string;
  readonly text: string;
  readonly buttons: readonly DialogButton<T>[];
  /** The index of the button that has the focus first: the safe choice. */
  readonly initial: number;
  /** The answer that Escape gives. */
  readonly cancel: T;
  readonly onClose: (value: T) => void;
}

const widestText = 64;

/** One question with a few answers. Takes every event until it is answered. */
export class ConfirmDialog<T> implements Layer {
  readonly modal = true;
  readonly #options: ConfirmOptions<T>;
  readonly #letters: KeyContext;
  #focus: number;
  /** Where the buttons were last drawn, for the mouse. */
  #placed: readonly Region[] = [];

  constructor(options: ConfirmOptions<T>) {
    this.#options = options;
    this.#letters = answerKeys(options.title, options.buttons);
    this.#focus = options.initial;
  }

  region(size: TerminalSize): Region {
    const { title, text, buttons } = this.#options;
    const limit = Math.min(widestText, size.columns - frameColumns - 2);
    const room = size.columns - frameColumns - 2;
    const width = Math.min(
      room,
      Math.max(widest(wrap(text, limit)), buttonsWidth(buttons), stringWidth(title) + 4, 30),
    );
    const lines = wrap(text, width).length + inRows(buttons, width).length;
    return centred(size, width + frameColumns, lines + 2 + frameRows);
  }

  draw(surface: Surface): void {
    const inside = drawFrame(surface, this.#options.title);
    const rows = inRows(this.#options.buttons, inside.width);
    const lines = wrap(this.#options.text, inside.width).slice(0, Math.max(1, inside.height - 2 - rows.length));
    for (const [index, line] of lines.entries()) inside.put(index + 1, 0, line, dialog);
    this.#placed = rows.flatMap((buttons, index) => {
      const left = 2 + Math.max(0, inside.width - buttonsWidth(buttons));
      return this.#drawButtons(surface, inside.height - rows.length + 1 + index, left, buttons);
    });
  }

  handle(event: InputEvent): boolean {
    if (event.kind === "key") this.#key(event.name);
    else if (event.kind === "text") this.#letter(event.text);
    else if (event.kind === "mouse") this.#mouse(event);
    return event.kind !== "focus";
  }

  #drawButtons(surface: Surface, row: number, left: number, buttons: readonly DialogButton<T>[]): readonly Region[] {
    let column = left;
    const placed: Region[] = [];
    for (const each of buttons) {
      const { label, letter } = each;
      const index = this.#options.buttons.indexOf(each);
      const style = index === this.#focus ? buttonFocused : button;
      const start = column;
      // Brackets as well as colour show the button in focus on a screen without colours.
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
    return placed;
  }

  #key(name: string): void {
    const count = this.#options.buttons.length;
    const command = confirmKeys.commandFor(name);
    if (command === "cancel") this.#options.onClose(this.#options.cancel);
    else if (command === "choose") this.#choose(this.#focus);
    else if (command === "next") this.#focus = (this.#focus + 1) % count;
    else if (command === "previous") this.#focus = (this.#focus + count - 1) % count;
  }

  #letter(text: string): void {
    const index = this.#letters.commandFor(text.toLowerCase());
    if (index !== undefined) this.#choose(Number(index));
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

/** Deals buttons that don't fit side by side out to several rows. */
function inRows<B extends { readonly label: string }>(buttons: readonly B[], width: number): readonly (readonly B[])[] {
  const rows: B[][] = [];
  for (const each of buttons) {
    const row = rows.at(-1);
    if (row && buttonsWidth([...row, each]) <= width) row.push(each);
    else rows.push([each]);
  }
  return rows;
}

function buttonsWidth(buttons: readonly { readonly label: string }[]): number {
  return buttons.reduce((sum, { label }) => sum + stringWidth(label) + 6, -2);
}

/** A dialog with a text to confirm. */
export function messageDialog(options: { title: string; text: string; onClose: () => void }): ConfirmDialog<void> {
  return new ConfirmDialog<void>({
    ...options,
    buttons: [{ label: "OK", letter: "O", value: undefined }],
    initial: 0,
    cancel: undefined,
  });
}
