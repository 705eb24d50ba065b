/**
 * Tells the person who waits for the copy of a student's files that it is being made: a home may have tens of thousands
 * of files.
 */
import type { Clock } from "../base/clock.ts";

/** Milliseconds before anything is said; most copies are finished by then. */
const silentMs = 500;

/** Whom to tell, and how often. */
export interface CopyTellerOptions {
  readonly clock: Clock;
  /** The student's username. */
  readonly student: string;
  /** Milliseconds between two sentences. */
  readonly every: number;
  /** Takes the sentence without its end: "Copying ada's files (12,000 so far)". */
  readonly tell: (words: string) => void;
}

/** The sentences about one copy, until disposed. */
export class CopyTeller implements Disposable {
  readonly #options: CopyTellerOptions;
  #timer: Disposable;
  #files = 0;
  #told = false;

  constructor(options: CopyTellerOptions) {
    this.#options = options;
    this.#timer = options.clock.after(silentMs, () => this.#begin());
  }

  /** Whether anything was said. */
  get told(): boolean {
    return this.#told;
  }

  /** Takes the number of files copied so far. */
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
