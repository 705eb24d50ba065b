/**
 * Theory of operation: how a Python at its prompt is ended. What was written at the prompt must be on disk, `atexit` functions and
 * finalizers must have been called, as when a person leaves Python. So it is asked: end of input at first, then a hang-up, as a terminal
 * that goes away sends it. Whatever it does, it is killed when its time is over; nobody waits for it meanwhile but the end of its session.
 */

/** How to ask, each time more firmly. */
export interface FarewellSteps {
  endInput(): void;
  hangUp(): void;
  kill(): void;
}

/** Milliseconds between two ends of input: one that comes in the middle of a statement may be lost. */
const askMs = 200;
/** Milliseconds after which Python is hung up, and after which it is killed. */
export const hangUpMs = 1200;
export const killMs = 1600;

/** The end of one Python, from the moment that it is asked. */
export class Farewell implements Disposable {
  readonly #asking: NodeJS.Timeout;
  readonly #timers: readonly NodeJS.Timeout[];

  constructor(steps: FarewellSteps) {
    steps.endInput();
    this.#asking = setInterval(() => steps.endInput(), askMs);
    this.#timers = [
      setTimeout(() => {
        clearInterval(this.#asking);
        steps.hangUp();
      }, hangUpMs),
      setTimeout(() => steps.kill(), killMs),
    ];
  }

  [Symbol.dispose](): void {
    clearInterval(this.#asking);
    for (const timer of this.#timers) clearTimeout(timer);
  }
}
