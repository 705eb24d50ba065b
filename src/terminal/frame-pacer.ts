import type { Clock } from "../base/clock.ts";
import type { Terminal } from "../base/terminal.ts";

/** Milliseconds between frames of something that goes on changing. */
const frameTime = 16;
/**
 * Frames that may follow each other at once after a rest. One key leads to several: F5 shows that the file is saved, that Python
 * starts, that it runs, and the first output, all within 10 ms. With too few the output waits for 16 ms: with 5 half of all runs
 * did (npm run bench -- run-start: 20 ms instead of 10).
 */
const burst = 12;
/** Bytes on their way to the terminal above which frames are skipped (measured: a stopped client else takes megabytes). */
const maxUnacknowledged = 64 << 10;

/**
 * Decides when to draw: at once after a rest (so a key's echo never waits), else every 16 ms,
 * and not at all while the terminal does not keep up. Skipping loses nothing: the next frame holds all changes since.
 */
export class FramePacer implements Disposable {
  readonly #terminal: Terminal;
  readonly #clock: Clock;
  readonly #draw: () => void;
  readonly #listener: Disposable;
  /** When the frames so far would have been over, one each 16 ms: it runs ahead of the clock by the burst at most. */
  #paid = Number.NEGATIVE_INFINITY;
  #requested = false;
  #timer: Disposable | undefined;
  #closed = false;

  constructor(terminal: Terminal, clock: Clock, draw: () => void) {
    this.#terminal = terminal;
    this.#clock = clock;
    this.#draw = draw;
    this.#listener = terminal.onDrain(() => {
      if (this.#requested) this.#schedule();
    });
  }

  /** Asks for a frame. However often it is asked for, there is one. */
  request(): void {
    if (this.#requested || this.#closed) return;
    this.#requested = true;
    this.#schedule();
  }

  [Symbol.dispose](): void {
    this.#closed = true;
    this.#timer?.[Symbol.dispose]();
    this.#listener[Symbol.dispose]();
  }

  #schedule(): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    const wait = this.#paid - (burst - 1) * frameTime - this.#clock.monotonic();
    // A microtask: after all that the present event changes, before anything else happens.
    if (wait > 0) this.#timer = this.#clock.after(Math.ceil(wait), () => this.#inTurn());
    else queueMicrotask(() => this.#inTurn());
  }

  /** Whoever has others wait for large or frequent frames waits too. */
  #inTurn(): void {
    if (this.#closed || !this.#requested) return;
    const { share } = this.#terminal;
    if (!share || share.wait() === 0) return this.#frame();
    this.#timer?.[Symbol.dispose]();
    this.#timer = share.whenFree(() => this.#frame());
  }

  #frame(): void {
    if (this.#closed || !this.#requested || this.#terminal.closed) return;
    if (this.#terminal.unacknowledged > maxUnacknowledged) return; // onDrain comes back to it
    this.#requested = false;
    this.#paid = Math.max(this.#paid, this.#clock.monotonic()) + frameTime;
    const { share } = this.#terminal;
    if (share) share.use(this.#draw);
    else this.#draw();
  }
}
