/**
 * Hands a console's output to its emulator: through the filter, in slices that are bounded by counted steps, in turns with all other
 * consoles of the process (base/turns.ts). Ordinary text is far below what a slice may take and passes at once.
 */
import type { TerminalSize } from "../base/terminal.ts";
import type { Turn, Turns } from "../base/turns.ts";
import { parseNow, resizeEmulator, roomForMarks, scrollbackFor, type Emulator } from "./emulator.ts";
import { OutputFilter } from "./output-filter.ts";

/** Steps of a slice, about 10 ns each; the last sequence of one may take as many again. */
export const stepsOfSlice = 100_000;

interface Waiting {
  readonly data: Uint8Array;
  readonly done: () => void;
}

export interface FeedOptions {
  readonly emulator: Emulator;
  readonly turns: Turns;
  /** The emulator threw. It is as new afterwards, and goes on with what comes then. */
  readonly failed: (error: unknown) => void;
}

export class EmulatorFeed implements Disposable {
  readonly #emulator: Emulator;
  readonly #failed: (error: unknown) => void;
  readonly #filter: OutputFilter;
  readonly #turn: Turn;
  readonly #waiting: Waiting[] = [];
  /** Of the first one that waits, this much is through. */
  #offset = 0;

  constructor({ emulator, turns, failed }: FeedOptions) {
    this.#emulator = emulator;
    this.#failed = failed;
    const size = { columns: emulator.cols, rows: emulator.rows };
    this.#filter = new OutputFilter({
      size,
      scrollback: scrollbackFor(size),
      roomForMarks: () => roomForMarks(emulator),
    });
    this.#turn = turns.join(() => this.#step());
  }

  /** Hands output over, in order; `done` is called when all of it is parsed. Who writes bounds what waits here. */
  write(data: Uint8Array, done: () => void): void {
    this.#waiting.push({ data, done });
    this.#turn.request();
  }

  /** The emulator gets another size; true unless it had it. */
  resize(size: TerminalSize): boolean {
    const changed = resizeEmulator(this.#emulator, size);
    const now = { columns: this.#emulator.cols, rows: this.#emulator.rows };
    if (changed) this.#filter.resize(now, scrollbackFor(now));
    return changed;
  }

  [Symbol.dispose](): void {
    this.#turn[Symbol.dispose]();
    this.#waiting.length = 0;
  }

  /** Parses a slice; true when there is more. */
  #step(): boolean {
    const [first] = this.#waiting;
    if (!first) return false;
    const { output, read } = this.#filter.read(first.data, this.#offset, stepsOfSlice);
    this.#offset += read;
    this.#parse(output);
    if (this.#offset === first.data.length && !this.#filter.unfinished) {
      this.#offset = 0;
      this.#waiting.shift();
      first.done();
    }
    return this.#waiting.length > 0;
  }

  #parse(output: Uint8Array): void {
    try {
      parseNow(this.#emulator, output);
    } catch (error) {
      this.#emulator.reset();
      this.#filter.reset();
      this.#failed(error);
    }
  }
}
