/** What a process with sessions reports to whoever monitors the server. Loaded where metrics are served only. */
import type { Services } from "../commands/services.ts";
import { ProcessMetrics } from "../metrics/process-metrics.ts";
import type { PartCheck, ProcessReport } from "../metrics/process-report.ts";
import { ownReadings, serviceReadings, sharedReadings } from "./readings.ts";

/** What a monitor looks at. */
export interface MonitorOptions {
  readonly services: Services;
  /** Number of the worker; undefined for a server in one process. */
  readonly worker: number | undefined;
  /** DIR. */
  readonly data: string;
  readonly draining: () => boolean;
}

const pingMs = 1000;

/** Measures a process from when it is made. */
export class Monitor implements AsyncDisposable {
  readonly #options: MonitorOptions;
  readonly #process: string;
  readonly #metrics: ProcessMetrics;

  constructor(options: MonitorOptions) {
    this.#options = options;
    this.#process = options.worker === undefined ? "server" : `worker-${options.worker}`;
    this.#metrics = new ProcessMetrics(this.#process);
  }

  /** How the process is now. */
  async report(): Promise<ProcessReport> {
    const { services, data } = this.#options;
    const databaseUp = await services.database.ping(pingMs);
    const readings = await Promise.all([
      ownReadings(services.startedAt),
      serviceReadings(services, databaseUp),
      this.#speaks ? sharedReadings(services, { data, embedded: services.settings.database.url === "" }) : [],
    ]);
    return {
      process: this.#process,
      families: await this.#metrics.families(readings.flat()),
      checks: await this.#checks(databaseUp),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#metrics[Symbol.asyncDispose]();
  }

  /** Whether this process reports what is of the whole server. */
  get #speaks(): boolean {
    return (this.#options.worker ?? 1) === 1;
  }

  async #checks(databaseUp: boolean): Promise<readonly PartCheck[]> {
    const { services, draining } = this.#options;
    const { jail } = services.runner;
    const trouble = this.#speaks ? await services.backups.trouble() : undefined;
    const ending = draining();
    const { short } = services.room;
    const checks: readonly PartCheck[] = [
      { part: "process", ok: !ending, detail: ending ? "is shutting down" : "answers", needed: true },
      { part: "database", ok: databaseUp, detail: databaseUp ? "answers" : "does not answer", needed: true },
      {
        part: "jail",
        ok: jail.available,
        detail: jail.available ? "programs can be run" : `programs can't be run: ${jail.reason ?? "no jail"}`,
        needed: true,
      },
      {
        part: "disk",
        ok: !short,
        detail: short ? "almost full: programs can't be run, and nothing new can be made" : "has room",
        needed: true,
      },
    ];
    return this.#speaks
      ? [
          ...checks,
          { part: "backup", ok: trouble === undefined, detail: trouble ?? "nothing to report", needed: false },
        ]
      : checks;
  }
}
