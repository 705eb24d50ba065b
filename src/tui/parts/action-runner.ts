/**
 * The edge where a person's keys meet our code: whatever an action throws, now or later, is told to the person, and only to
 * them. An action that is still under way is not started again, so that a key held down cannot pile up work.
 */
import type { Clock } from "../../base/clock.ts";
import { explain, sentence } from "../../base/error-report.ts";
import type { Log } from "../../base/log.ts";
import type { StatusLineMessage } from "../views/status-line.ts";

export interface ActionRunnerOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly show: (message: StatusLineMessage) => void;
  readonly setProgress: (text: string | undefined) => void;
}

/** After this time a person must see that something is happening. */
const silentMs = 300;

export class ActionRunner {
  readonly #options: ActionRunnerOptions;
  readonly #running = new Set<string>();

  constructor(options: ActionRunnerOptions) {
    this.#options = options;
  }

  /** Runs `work`; `name` says which action it is. Never throws. */
  run(name: string, work: () => void | Promise<void>): void {
    if (this.#running.has(name)) return;
    try {
      const result = work();
      if (result instanceof Promise) this.#follow(name, result);
    } catch (error) {
      this.tell(error);
    }
  }

  /** Shows an error as a sentence. */
  tell(error: unknown): void {
    this.#options.show({ kind: "error", text: this.sentence(error) });
  }

  /** What a person reads about an error; bugs are logged, and the sentence holds their number. */
  sentence(error: unknown): string {
    return sentence(explain(error, this.#options.log));
  }

  #follow(name: string, result: Promise<void>): void {
    const { clock, setProgress } = this.#options;
    const slow = clock.after(silentMs, () => setProgress("Working…"));
    this.#running.add(name);
    void result
      .catch((error: unknown) => this.tell(error))
      .finally(() => {
        slow[Symbol.dispose]();
        this.#running.delete(name);
        if (this.#running.size === 0) setProgress(undefined);
      });
  }
}
