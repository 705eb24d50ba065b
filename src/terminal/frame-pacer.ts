import type { Clock } from "../base/clock.ts";
import type { Terminal } from "../base/terminal.ts";

/** Milliseconds between frames while changes keep coming. */
const frameMs = 16;
/**
 * Frames that may follow each other at once after a pause. One key leads to several: F5 shows that the file is saved,
 * that Python starts, that it runs, and the first output, all within 10 ms. With fewer, the output waits for 16 ms:
 * with 5, half of all runs did (`npm run bench -- run-start`: 20 ms instead of 10).
 */
const burst = 12;
/** Unacknowledged bytes above which frames are skipped. Without the limit a stopped client took megabytes. */
export const maxUnacknowledged = 64 << 10;

/**
 * Decides when to draw: at once after a pause (so that the echo of a key never waits), otherwise every 16 ms, and not
 * at all while the terminal can't keep up. A skipped frame loses nothing: the next one has all changes since.
 */
export class FramePacer implements Disposable {
  readonly #terminal: Terminal;
  readonly #clock: Clock;
  readonly #draw: () => void;
  readonly #listener: Disposable;
  /** When the frames so far would end at one each 16 ms. It is ahead of the clock by at most the burst. */
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

  /** Whether a frame was asked for that has not been drawn. */
  get requested(): boolean {
    return this.#requested;
  }

  /** Asks for a frame. Several requests before it is drawn lead to one frame. */
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
    const wait = this.#paid - (burst - 1) * frameMs - this.#clock.monotonic();
    // A microtask runs after everything that the present event changes, and before anything else happens.
    if (wait > 0) this.#timer = this.#clock.after(Math.ceil(wait), () => this.#inTurn());
    else queueMicrotask(() => this.#inTurn());
  }

  /** Waits for the person's share of the thread: large or frequent frames must not hold up other people. */
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
    this.#paid = Math.max(this.#paid, this.#clock.monotonic()) + frameMs;
    const { share } = this.#terminal;
    if (share) share.use(this.#draw);
    else this.#draw();
  }
}
