import type { Clock } from "../../base/clock.ts";
import type { MouseEvent } from "./event.ts";
import type { MouseReport } from "./sequences.ts";

/** Milliseconds within which a second press in the same cell makes a double click. */
const doubleClickMs = 400;

/** Turns mouse reports into events, and counts double and triple clicks. */
export class ClickCounter {
  readonly #clock: Clock;
  #last: { button: MouseEvent["button"]; row: number; column: number; time: number; clicks: number } | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The event for a report; undefined for what is not used (hovering, sideways wheels, further buttons). */
  event({ code, row, column, released }: MouseReport): MouseEvent | undefined {
    const modifiers = { shift: (code & 4) !== 0, alt: (code & 8) !== 0, ctrl: (code & 16) !== 0 };
    const common = { kind: "mouse" as const, row, column, ...modifiers };
    const number = code & ~(4 | 8 | 16 | 32);
    if (number === 64) return { ...common, action: "wheel-up", button: "none", clicks: 1 };
    if (number === 65) return { ...common, action: "wheel-down", button: "none", clicks: 1 };
    const button = number === 0 ? "left" : number === 1 ? "middle" : number === 2 ? "right" : undefined;
    if (!button) return undefined;
    if (released) return { ...common, action: "release", button, clicks: this.#last?.clicks ?? 1 };
    if ((code & 32) !== 0) return { ...common, action: "drag", button, clicks: this.#last?.clicks ?? 1 };
    return { ...common, action: "press", button, clicks: this.#count(button, row, column) };
  }

  #count(button: MouseEvent["button"], row: number, column: number): number {
    const time = this.#clock.monotonic();
    const last = this.#last;
    const again =
      last !== undefined &&
      last.button === button &&
      last.row === row &&
      Math.abs(last.column - column) <= 1 &&
      time - last.time <= doubleClickMs;
    const clicks = again ? (last.clicks % 3) + 1 : 1;
    this.#last = { button, row, column, time, clicks };
    return clicks;
  }
}
