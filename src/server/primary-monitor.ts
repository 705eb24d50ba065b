/** What a primary reports: it has nobody's session, so little is timed there, but it refuses connections and starts workers again. */
import type { Clock } from "../base/clock.ts";
import { ProcessMetrics } from "../metrics/process-metrics.ts";
import type { ProcessReport } from "../metrics/process-report.ts";
import { ownReadings } from "./readings.ts";

/** Measures the primary from when it is made. */
export class PrimaryMonitor implements AsyncDisposable {
  readonly #metrics = new ProcessMetrics("primary", { sessions: false });
  readonly #startedAt: number;
  readonly #waiting: () => number;

  /** `waiting` counts the connections that wait for a worker. */
  constructor(clock: Clock, waiting: () => number) {
    this.#startedAt = clock.now();
    this.#waiting = waiting;
  }

  /** How the primary is now. */
  async report(): Promise<ProcessReport> {
    const readings = [
      ...(await ownReadings(this.#startedAt)),
      { name: "queue", labels: { queue: "connections" }, value: this.#waiting() },
    ] as const;
    return { process: "primary", families: await this.#metrics.families(readings), checks: [] };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#metrics[Symbol.asyncDispose]();
  }
}
