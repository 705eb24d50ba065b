/**
 * The edge where a person's keys meet the code: whatever an action throws, now or later, is shown to this person and
 * nobody else. An action that is still running is not started again, so a key held down can't pile up work.
 */
import type { Clock } from "../../base/clock.ts";
import { explain, sentence } from "../../base/error-report.ts";
import type { Log } from "../../base/log.ts";
import type { StatusNotice } from "../views/status-line.ts";

/** Where the runner shows errors and progress. */
export interface ActionRunnerOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** Shows a message to the person. */
  readonly show: (notice: StatusNotice) => void;
  /** Shows that something is running; undefined ends it. */
  readonly setProgress: (text: string | undefined) => void;
}

/** Milliseconds after which the person must see that something is happening. */
const silentMs = 300;

/** Runs the actions of one screen. */
export class ActionRunner {
  readonly #options: ActionRunnerOptions;
  readonly #running = new Set<string>();

  constructor(options: ActionRunnerOptions) {
    this.#options = options;
  }

  /** Runs `work` unless work of the same name is still running. Never throws. */
  run(name: string, work: () => void | Promise<void>): void {
    if (this.#running.has(name)) return;
    try {
      const result = work();
      if (result instanceof Promise) this.#follow(name, result);
    } catch (error) {
      this.tell(error);
    }
  }

  /** Shows an error to the person. */
  tell(error: unknown): void {
    this.#options.show({ kind: "error", text: this.sentence(error) });
  }

  /** The sentence for a person about an error. A bug is logged, and the sentence contains its id. */
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
