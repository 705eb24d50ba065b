/**
 * Theory of operation: some short sequences are slow (clear the screen, reset, scroll), and a flood of them would keep the thread that
 * everybody shares busy: at 256 KiB a second up to 50 cores' worth. So a console's output goes to its emulator in slices, their size
 * follows from how long the last one took, and after each the console rests three times as long: one program gets a quarter of the
 * thread at most, a few milliseconds at a time. Ordinary text is far below that and passes at once.
 */
import type { Clock } from "../base/clock.ts";
import type { Emulator } from "./emulator.ts";

/** Bytes. */
const largestSlice = 1024;
const smallestSlice = 64;
/** A slice that took longer than this, in milliseconds, makes the next ones smaller. */
const longSlice = 4;
const rests = 3;

interface Waiting {
  readonly data: Uint8Array;
  readonly done: () => void;
}

export class EmulatorFeed implements Disposable {
  readonly #emulator: Emulator;
  readonly #clock: Clock;
  readonly #waiting: Waiting[] = [];
  /** Of the first one that waits, this much is through. */
  #offset = 0;
  #slice = largestSlice;
  /** Milliseconds of rest that are due. */
  #due = 0;
  #busy = false;
  #timer: Disposable | undefined;
  #disposed = false;

  constructor(emulator: Emulator, clock: Clock) {
    this.#emulator = emulator;
    this.#clock = clock;
  }

  /** Hands output over, in order; `done` is called when all of it is parsed. Who writes bounds what waits here. */
  write(data: Uint8Array, done: () => void): void {
    if (this.#disposed) return;
    this.#waiting.push({ data, done });
    this.#next();
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    this.#timer?.[Symbol.dispose]();
    this.#waiting.length = 0;
  }

  #next(): void {
    const [first] = this.#waiting;
    if (!first || this.#busy || this.#disposed) return;
    const end = Math.min(first.data.length, this.#offset + this.#slice);
    let began = 0;
    this.#busy = true;
    // Parsed right before the slice: only the slice's own time counts, not how long it waited for its turn.
    this.#emulator.write("", () => void (began = this.#clock.monotonic()));
    this.#emulator.write(first.data.subarray(this.#offset, end), () => {
      if (this.#disposed) return;
      this.#offset = end;
      const whole = end === first.data.length;
      if (whole) {
        this.#offset = 0;
        this.#waiting.shift();
      }
      this.#account(this.#clock.monotonic() - began);
      if (whole) first.done();
    });
  }

  /** `took` is in milliseconds. */
  #account(took: number): void {
    if (took > longSlice) this.#slice = Math.max(smallestSlice, this.#slice >> 2);
    else if (took < longSlice / 4) this.#slice = Math.min(largestSlice, this.#slice << 1);
    this.#due += took * rests;
    if (this.#due < 1) return this.#goOn(); // a timer takes a millisecond itself, which the first output of a run would wait
    const rest = this.#due;
    this.#due = 0;
    this.#timer = this.#clock.after(rest, () => this.#goOn());
  }

  #goOn(): void {
    this.#busy = false;
    this.#next();
  }
}
