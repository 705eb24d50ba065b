/** The sentence in the status line. It stays for five seconds; an error, and what says so, until the next key. */
import type { Clock } from "../../base/clock.ts";
import type { StatusNotice } from "../views/status-line.ts";

const shownMs = 5000;

/** The notices of one screen. */
export class Notices implements Disposable {
  readonly #clock: Clock;
  readonly #changed: () => void;
  #current: StatusNotice | undefined;
  /** What is in progress, while it takes long; any other notice hides it. */
  #progress: string | undefined;
  #timer: Disposable | undefined;

  constructor(clock: Clock, changed: () => void) {
    this.#clock = clock;
    this.#changed = changed;
  }

  /**
   * The notice without progress. While a question is open, the program waits for the person, and not the other way
   * round.
   */
  get withoutProgress(): StatusNotice | undefined {
    return this.#current;
  }

  /** The notice, or what is in progress; undefined when there is neither. */
  get current(): StatusNotice | undefined {
    return this.#current ?? (this.#progress === undefined ? undefined : { kind: "info", text: this.#progress });
  }

  /** Shows a notice in place of the one before. */
  show(notice: StatusNotice): void {
    this.#forget();
    this.#current = notice;
    if (!isLasting(notice)) this.#timer = this.#clock.after(shownMs, () => this.#clear());
    this.#changed();
  }

  /** Shows that something is in progress; undefined ends it. */
  setProgress(text: string | undefined): void {
    if (this.#progress === text) return;
    this.#progress = text;
    this.#changed();
  }

  /** Ends what stays until a key: the person has pressed one, and so has seen it. */
  keyPressed(): void {
    if (this.#current && isLasting(this.#current)) this.#clear();
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

function isLasting({ kind, stays }: StatusNotice): boolean {
  return kind === "error" || stays === true;
}
