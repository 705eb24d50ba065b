import type { InputEvent } from "../../terminal/input/event.ts";

/** More than a person can type meanwhile; what goes beyond is dropped. */
const maxHeld = 200;

export interface HeldInputOptions {
  /** A question is on the screen: it gets what is typed, also what was typed before it was there. */
  readonly isAsking: () => boolean;
  /** Takes an event as if it had just been typed. */
  readonly replay: (event: InputEvent) => void;
}

/**
 * Keeps what is typed while something is under way that it belongs to: the session opens, a file is made, a program starts. A
 * person who types at once loses no letter, and none goes to where it does not belong. Works may overlap; questions that they
 * ask are answered by what was typed ahead.
 */
export class HeldInput {
  readonly #options: HeldInputOptions;
  readonly #events: InputEvent[] = [];
  #works = 0;
  #replaying = false;

  constructor(options: HeldInputOptions) {
    this.#options = options;
  }

  /** True when the event is kept for later. */
  take(event: InputEvent): boolean {
    if (this.#replaying || !this.#holds) return false;
    if (this.#events.length < maxHeld) this.#events.push(event);
    return true;
  }

  /** Holds everything until `work` has ended. */
  async during(work: () => Promise<void>): Promise<void> {
    this.#works++;
    try {
      await work();
    } finally {
      this.#works--;
      this.release();
    }
  }

  /** A question came or went. */
  release(): void {
    if (this.#replaying) return; // the loop below goes on
    while (!this.#holds) {
      const event = this.#events.shift();
      if (!event) return;
      this.#replaying = true;
      try {
        this.#options.replay(event);
      } finally {
        this.#replaying = false;
      }
    }
  }

  get #holds(): boolean {
    return this.#works > 0 && !this.#options.isAsking();
  }
}
