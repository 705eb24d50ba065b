/** Tells whoever waits for the copy of a student's files that it is being made: a home may have tens of thousands of them. */
import type { Clock } from "../base/clock.ts";

/** Most copies are made within this time, and nothing needs to be said. */
const silentMs = 500;

export interface CopyTellerOptions {
  readonly clock: Clock;
  /** Whose files they are. */
  readonly student: string;
  /** Milliseconds between two sentences. */
  readonly every: number;
  /** Gets what is to be said without its end: "Copying ada's files (12,000 so far)". */
  readonly tell: (words: string) => void;
}

export class CopyTeller implements Disposable {
  readonly #options: CopyTellerOptions;
  #timer: Disposable;
  #files = 0;
  #told = false;

  constructor(options: CopyTellerOptions) {
    this.#options = options;
    this.#timer = options.clock.after(silentMs, () => this.#begin());
  }

  /** Something was said. */
  get told(): boolean {
    return this.#told;
  }

  /** So many files are there. */
  readonly progress = (files: number): void => {
    this.#files = files;
  };

  [Symbol.dispose](): void {
    this.#timer[Symbol.dispose]();
  }

  #begin(): void {
    const { clock, every } = this.#options;
    this.#timer = clock.every(every, () => this.#tell());
    this.#tell();
  }

  #tell(): void {
    this.#told = true;
    const { student, tell } = this.#options;
    const count = this.#files === 0 ? "" : ` (${this.#files.toLocaleString("en")} so far)`;
    tell(`Copying ${student}'s files${count}`);
  }
}
