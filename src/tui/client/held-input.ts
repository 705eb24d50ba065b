import type { InputEvent } from "../input/event.ts";

/** More than a person can type before the session is open; what goes beyond is dropped. */
const mostHeld = 200;

/** Keeps what is typed while the session opens: a person who begins to type at once loses no letter. */
export class HeldInput {
  #events: InputEvent[] | undefined;

  /** True when the event is kept for later. */
  take(event: InputEvent): boolean {
    if (!this.#events) return false;
    if (this.#events.length < mostHeld) this.#events.push(event);
    return true;
  }

  /** Holds everything until `work` has ended, then gives it to `replay`. */
  async during(work: () => Promise<void>, replay: (event: InputEvent) => void): Promise<void> {
    if (this.#events) return work(); // whoever began to hold will replay
    this.#events = [];
    try {
      await work();
    } finally {
      const held = this.#events;
      this.#events = undefined;
      for (const event of held) replay(event);
    }
  }
}
