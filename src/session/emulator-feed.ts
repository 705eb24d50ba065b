/**
 * Passes a console's output to its emulator: through the filter, in slices bounded by counted steps, in turns with all
 * other consoles of the process (base/turns.ts). Ordinary text takes much less than a slice and passes at once.
 */
import type { TerminalSize } from "../base/terminal.ts";
import type { Turn, Turns } from "../base/turns.ts";
import type { ConsoleText } from "./console-text.ts";
import { parseNow, resizeEmulator, roomForMarks, scrollbackFor, type Emulator } from "./emulator.ts";
import { OutputFilter } from "./output-filter.ts";
import { stepsOfSlice } from "./output-prices.ts";

interface Waiting {
  readonly data: Uint8Array;
  readonly done: () => void;
}

/** What a feed connects. */
export interface FeedOptions {
  readonly emulator: Emulator;
  /** Keeps the lines that the emulator does not. */
  readonly text?: ConsoleText;
  readonly turns: Turns;
  /** Called when the emulator threw. It has been reset, and goes on with the output that follows. */
  readonly failed: (error: unknown) => void;
}

/** The waiting output of one console. */
export class EmulatorFeed implements Disposable {
  readonly #emulator: Emulator;
  readonly #text: ConsoleText | undefined;
  readonly #failed: (error: unknown) => void;
  readonly #filter: OutputFilter;
  readonly #turn: Turn;
  readonly #waiting: Waiting[] = [];
  /** Bytes of the first waiting chunk that are parsed. */
  #offset = 0;

  constructor({ emulator, text, turns, failed }: FeedOptions) {
    this.#emulator = emulator;
    this.#text = text;
    this.#failed = failed;
    const size = { columns: emulator.cols, rows: emulator.rows };
    this.#filter = new OutputFilter({
      size,
      scrollback: scrollbackFor(size),
      roomForMarks: () => roomForMarks(emulator),
    });
    this.#turn = turns.join(() => this.#step());
  }

  /** Adds output; `done` is called when all of it is parsed. The caller bounds what waits here. */
  write(data: Uint8Array, done: () => void): void {
    this.#waiting.push({ data, done });
    this.#turn.request();
  }

  /** Resizes the emulator; false when it had that size already. */
  resize(size: TerminalSize): boolean {
    const changed = resizeEmulator(this.#emulator, size, this.#text);
    const now = { columns: this.#emulator.cols, rows: this.#emulator.rows };
    if (changed) this.#filter.resize(now, scrollbackFor(now));
    if (changed) this.#text?.resized();
    return changed;
  }

  [Symbol.dispose](): void {
    this.#turn[Symbol.dispose]();
    this.#waiting.length = 0;
  }

  /** Parses a slice; true when more is waiting. */
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
      this.#text?.touch();
    } catch (error) {
      this.#emulator.reset();
      this.#filter.reset();
      this.#failed(error);
    }
  }
}
