import { passwordKeys } from "../../commands/keys/dialog-keys.ts";
import type { TerminalSize } from "../../base/terminal.ts";
import type { Region, Surface } from "../../terminal/draw/surface.ts";
import type { InputEvent } from "../../terminal/input/event.ts";
import { wrap } from "../../base/wrap.ts";
import { centred, drawFrame, frameColumns, frameRows } from "./frame.ts";
import { hintOf, hintText } from "./hint-line.ts";
import { dialog, dialogDim, dialogError } from "./styles.ts";
import { TextField } from "./text-field.ts";
import type { Layer } from "../../terminal/layer.ts";

/** What the form asks for. */
export interface PasswordFormOptions {
  readonly title: string;
  /** Why a password is asked for, and what a good one is. */
  readonly reason: string;
  /** Whether to ask for the current password too. */
  readonly askCurrent: boolean;
  /** Sets the password. Resolves with what is wrong with it, or undefined when it is set. Never rejects. */
  readonly submit: (passwords: { current: string; next: string }) => Promise<string | undefined>;
  /** Called when the form has changed after `submit`. */
  readonly redraw: () => void;
  /** Called with true when the password is set, false when the person gave up. */
  readonly onClose: (done: boolean) => void;
}

interface Field {
  readonly label: string;
  readonly field: TextField;
}

/** Rows for what is wrong, reserved so that the form does not jump. */
const problemRows = 2;
/**
 * Longest password accepted, in UTF-16 units: far more than bcrypt reads, so that people see the message of the rule
 * itself.
 */
const maxLength = 256;

const hints = hintText([
  hintOf(passwordKeys, "accept"),
  hintOf(passwordKeys, "next-field"),
  hintOf(passwordKeys, "cancel"),
]);

/** A form for a new password, typed twice and hidden. Takes every event until it is closed. */
export class PasswordForm implements Layer {
  readonly modal = true;
  readonly #options: PasswordFormOptions;
  readonly #current = new TextField({ masked: true, maxLength });
  readonly #next = new TextField({ masked: true, maxLength });
  readonly #again = new TextField({ masked: true, maxLength });
  readonly #fields: readonly Field[];
  #focus = 0;
  #problem = "";
  #busy = false;

  constructor(options: PasswordFormOptions) {
    this.#options = options;
    const current: Field[] = options.askCurrent ? [{ label: "Current password", field: this.#current }] : [];
    this.#fields = [
      ...current,
      { label: "New password", field: this.#next },
      { label: "Once more", field: this.#again },
    ];
  }

  region(size: TerminalSize): Region {
    const width = Math.min(64, size.columns - 2);
    const reason = wrap(this.#options.reason, width - frameColumns).length;
    return centred(size, width, reason + this.#fields.length * 2 + problemRows + 3 + frameRows);
  }

  draw(surface: Surface): void {
    const inside = drawFrame(surface, this.#options.title);
    const reason = wrap(this.#options.reason, inside.width);
    const problem = this.#problem === "" ? [] : wrap(`✗ ${this.#problem}`, inside.width).slice(0, problemRows);
    for (const [index, line] of reason.entries()) inside.put(index + 1, 0, line, dialog);
    const fieldColumn = Math.max(...this.#fields.map(({ label }) => label.length)) + 2;
    let row = reason.length + 2;
    for (const [index, { label, field }] of this.#fields.entries()) {
      inside.put(row, 0, label, dialog);
      const focused = index === this.#focus && !this.#busy;
      field.draw(inside, { row, column: fieldColumn, width: inside.width - fieldColumn, focused });
      row += 2;
    }
    for (const [index, line] of problem.entries()) inside.put(row + index, 0, line, dialogError);
    inside.put(inside.height - 1, 0, this.#busy ? "One moment…" : hints, dialogDim);
  }

  handle(event: InputEvent): boolean {
    if (event.kind === "focus") return false;
    if (this.#busy) return true; // what is typed meanwhile must not land in a field that is about to be cleared
    if (event.kind === "key" && this.#key(event.name)) return true;
    if (this.#fields[this.#focus]?.field.handle(event)) this.#problem = "";
    return true;
  }

  #key(name: string): boolean {
    const count = this.#fields.length;
    const command = passwordKeys.commandFor(name);
    if (command === "cancel") this.#options.onClose(false);
    else if (command === "next-field") this.#focus = (this.#focus + 1) % count;
    else if (command === "previous-field") this.#focus = (this.#focus + count - 1) % count;
    else if (command === "accept" && this.#focus < count - 1) this.#focus++;
    else if (command === "accept") void this.#submit();
    return command !== undefined;
  }

  async #submit(): Promise<void> {
    if (this.#next.value !== this.#again.value) return this.#reject("The two passwords are not the same.");
    this.#busy = true;
    this.#problem = "";
    const problem = await this.#options.submit({ current: this.#current.value, next: this.#next.value });
    this.#busy = false;
    if (problem === undefined) this.#options.onClose(true);
    else this.#reject(problem);
    this.#options.redraw();
  }

  #reject(problem: string): void {
    this.#problem = problem;
    this.#next.value = "";
    this.#again.value = "";
    this.#focus = this.#fields.findIndex(({ field }) => field === this.#next);
  }
}
