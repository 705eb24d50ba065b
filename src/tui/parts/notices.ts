/** The sentence in the status line: five seconds, an error until the next key. */
import type { Clock } from "../../base/clock.ts";
import type { StatusLineMessage } from "../views/status-line.ts";

const shownMs = 5000;

export class Notices implements Disposable {
  readonly #clock: Clock;
  readonly #changed: () => void;
  #current: StatusLineMessage | undefined;
  /** What happens now, while it takes long; under any other message. */
  #progress: string | undefined;
  #timer: Disposable | undefined;

  constructor(clock: Clock, changed: () => void) {
    this.#clock = clock;
    this.#changed = changed;
  }

  /** Without what is under way: while a question is open, it is the person that we wait for. */
  get notice(): StatusLineMessage | undefined {
    return this.#current;
  }

  get current(): StatusLineMessage | undefined {
    return this.#current ?? (this.#progress === undefined ? undefined : { kind: "info", text: this.#progress });
  }

  show(message: StatusLineMessage): void {
    this.#forget();
    this.#current = message;
    if (message.kind !== "error") this.#timer = this.#clock.after(shownMs, () => this.#clear());
    this.#changed();
  }

  /** Says that something is under way, or with undefined that it is not any more. */
  setProgress(text: string | undefined): void {
    if (this.#progress === text) return;
    this.#progress = text;
    this.#changed();
  }

  /** The person pressed a key: they have seen the error. */
  keyPressed(): void {
    if (this.#current?.kind === "error") this.#clear();
  }

  [Symbol.dispose](): void {
    this.#forget();
  }

  #clear(): void {
    this.#forget();
    this.#changed();
  }

  #forget(): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    this.#current = undefined;
  }
}
