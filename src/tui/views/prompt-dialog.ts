import { messageKeys, promptKeys } from "../../commands/keys/dialog-keys.ts";
import { textAreaKeys } from "../../commands/keys/field-keys.ts";
import { stringWidth } from "../../base/width.ts";
import type { TerminalSize } from "../../base/terminal.ts";
import type { Region, Surface } from "../../terminal/draw/surface.ts";
import type { InputEvent } from "../../terminal/input/event.ts";
import { wrap } from "../../base/wrap.ts";
import { fitEnd } from "./fit.ts";
import { centred, drawFrame, frameColumns, frameRows } from "./frame.ts";
import { hintOf, hintText } from "./hint-line.ts";
import { dialog, dialogDim, dialogError } from "./styles.ts";
import { TextArea } from "./text-area.ts";
import { TextField } from "./text-field.ts";
import type { Layer } from "../../terminal/layer.ts";

/** What the dialog asks for. */
export interface PromptOptions {
  readonly title: string;
  /** Text above the field: what is asked for. */
  readonly label: string;
  /** The value at first; "" by default. */
  readonly value?: string;
  /** The cursor's first offset in `value`; its end by default. */
  readonly cursor?: number;
  /** Longest value in UTF-16 units; 255 by default. */
  readonly maxLength?: number;
  /** Whether several lines may be pasted or typed; false by default. `value` and `cursor` are for one line only. */
  readonly multiline?: boolean;
  /** Says why a value is not accepted, or undefined. Shown under the field after Enter, until the next change. */
  readonly check?: (value: string) => string | undefined;
  /** Called with the value, or undefined when the person cancels. */
  readonly onClose: (value: string | undefined) => void;
}

const areaRows = 6;

const promptHints = hintText([hintOf(promptKeys, "accept"), hintOf(promptKeys, "cancel")]);
const messageHints = hintText([
  hintOf(messageKeys, "accept"),
  hintOf(textAreaKeys, "new-line"),
  hintOf(messageKeys, "cancel"),
]);

/** A question for one line of text, or several. Takes every event until it is closed. */
export class PromptDialog implements Layer {
  readonly modal = true;
  readonly #options: PromptOptions;
  readonly #field: TextField | TextArea;
  #problem = "";

  constructor(options: PromptOptions) {
    this.#options = options;
    const maxLength = options.maxLength ?? 255;
    this.#field = options.multiline
      ? new TextArea({ maxLength })
      : new TextField({ value: options.value ?? "", maxLength });
    if (options.cursor !== undefined && this.#field instanceof TextField) this.#field.moveTo(options.cursor);
  }

  region(size: TerminalSize): Region {
    const width = Math.min(size.columns - 2, Math.max(56, stringWidth(this.#options.label) + frameColumns));
    const others = wrap(this.#options.label, width - frameColumns).length + 3 + frameRows;
    const lines = this.#field instanceof TextArea ? Math.max(1, Math.min(areaRows, size.rows - others)) : 1;
    return centred(size, width, others + lines);
  }

  draw(surface: Surface): void {
    const inside = drawFrame(surface, this.#options.title);
    const label = wrap(this.#options.label, inside.width);
    for (const [index, line] of label.entries()) inside.put(index + 1, 0, line, dialog);
    const row = label.length + 1;
    const height = Math.max(1, inside.height - row - 2);
    this.#field.draw(inside, { row, column: 0, width: inside.width, height, focused: true });
    if (this.#problem !== "") inside.put(inside.height - 2, 0, fitEnd(`✗ ${this.#problem}`, inside.width), dialogError);
    inside.put(inside.height - 1, 0, this.#field instanceof TextArea ? messageHints : promptHints, dialogDim);
  }

  handle(event: InputEvent): boolean {
    const command = event.kind === "key" ? this.#keys.commandFor(event.name) : undefined;
    if (command === "cancel") {
      this.#options.onClose(undefined);
    } else if (command === "accept") {
      this.#submit();
    } else if (this.#field.handle(event)) {
      const tooLong = this.#field instanceof TextArea && this.#field.refused;
      this.#problem = tooLong ? `Too long: the limit is ${this.#options.maxLength ?? 255} characters.` : "";
    }
    return event.kind !== "focus";
  }

  get #keys() {
    return this.#field instanceof TextArea ? messageKeys : promptKeys;
  }

  #submit(): void {
    const value = this.#field.value;
    this.#problem = this.#options.check?.(value) ?? "";
    if (this.#problem === "") this.#options.onClose(value);
  }
}
