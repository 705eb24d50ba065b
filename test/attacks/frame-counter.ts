import { Emitter } from "../../src/base/events.ts";
import type { Share } from "../../src/base/shares.ts";
import type { Terminal } from "../../src/base/terminal.ts";
import { FramePacer } from "../../src/terminal/frame-pacer.ts";
import type { FakeClock } from "../support/fake-clock.ts";

/** A screen whose frames each take some milliseconds. */
export class FrameCounter {
  count = 0;
  readonly #pacer: FramePacer;

  constructor(clock: FakeClock, share: Share, ms: number) {
    const terminal = { share, unacknowledged: 0, closed: false, onDrain: new Emitter<void>().on };
    this.#pacer = new FramePacer(terminal as unknown as Terminal, clock, () => {
      this.count++;
      clock.advance(ms);
    });
  }

  request(): void {
    this.#pacer.request();
  }
}
