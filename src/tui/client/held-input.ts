import type { InputEvent } from "../../terminal/input/event.ts";

/** Most events held: more than a person can type meanwhile. The rest is dropped. */
const maxHeld = 200;

/** Where held input goes. */
export interface HeldInputOptions {
  /** Whether a question is on the screen. It gets what is typed, also what was typed before it appeared. */
  readonly isAsking: () => boolean;
  /** Dispatches an event as if it had just been typed. */
  readonly replay: (event: InputEvent) => void;
}

/**
 * Holds what is typed while something is in progress that it belongs to: the session opens, a file is created, a
 * program starts. Nothing typed ahead is lost or goes to the wrong pane. Several works may overlap; the questions that
 * they ask are answered by what was typed ahead.
 */
export class HeldInput {
  readonly #options: HeldInputOptions;
  readonly #events: InputEvent[] = [];
  #works = 0;
  #replaying = false;

  constructor(options: HeldInputOptions) {
    this.#options = options;
  }

  /** Offers an event; true when it is held for later. */
  take(event: InputEvent): boolean {
    if (this.#replaying || !this.#holds) return false;
    if (this.#events.length < maxHeld) this.#events.push(event);
    return true;
  }

  /** Holds all input until `work` has ended. */
  async during(work: () => Promise<void>): Promise<void> {
    this.#works++;
    try {
      await work();
    } finally {
      this.#works--;
      this.release();
    }
  }

  /** Continues after a question has opened or closed. */
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
