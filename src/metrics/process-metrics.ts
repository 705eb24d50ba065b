/** The metrics of one process, from when it is made: what is timed and counted (base/measures), and what is read at each scrape. */
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { ErrorCode } from "../base/errors.ts";
import { restartedParts, tallies, timings } from "../base/measures.ts";
import { Scope } from "../base/scope.ts";
import { counterTable, histogramTable, readTable, type Reading, type ReadName } from "./metric-tables.ts";
import { upFamily, type MetricFamily, type Sample } from "./process-report.ts";

/** Reasons that alerts ask for: a rate needs to have seen the 0. */
const expectedReasons = [
  "internal",
  "database-unavailable",
  "disk-full",
  "no-jail",
  "too-many-logins",
  "too-many-sessions",
  "too-many-connections",
] as const satisfies readonly (ErrorCode | "too-many-connections")[];

/** The metrics of a process. */
export class ProcessMetrics implements AsyncDisposable {
  readonly #process: string;
  readonly #registry = new Registry();
  readonly #scope = new Scope("metrics");
  readonly #read: ReadonlyMap<ReadName, Gauge | Counter>;

  /** `process` is "server", "primary" or "worker-N"; one without sessions has nothing to time. */
  constructor(process: string, { sessions = true }: { readonly sessions?: boolean } = {}) {
    this.#process = process;
    const registers = [this.#registry];
    for (const [key, [name, help, buckets]] of sessions ? Object.entries(histogramTable) : []) {
      const histogram = new Histogram({ name, help, buckets: [...buckets], registers });
      const timing = timings[key as keyof typeof timings];
      this.#scope.own(timing.listen((seconds) => histogram.observe(seconds)));
    }
    const refusals = new Counter({ ...counterTable.refusals, labelNames: counterTable.refusals.labels, registers });
    for (const reason of expectedReasons) refusals.inc({ reason }, 0);
    this.#scope.own(tallies.refusal.listen((reason) => refusals.inc({ reason })));
    const bugs = new Counter({ ...counterTable.bugs, registers });
    this.#scope.own(tallies.bug.listen(() => bugs.inc()));
    const restarts = new Counter({ ...counterTable.restarts, labelNames: counterTable.restarts.labels, registers });
    for (const part of restartedParts) restarts.inc({ part }, 0);
    this.#scope.own(tallies.restart.listen((part) => restarts.inc({ part })));
    this.#read = new Map(
      readEntries.map(([key, { name, help, labels = [], type }]) => {
        const options = { name, help, labelNames: labels, registers };
        return [key, type === "counter" ? new Counter(options) : new Gauge(options)];
      }),
    );
  }

  /** All metrics now, with these readings. A reading that is missing has no value: it is not 0. */
  async families(readings: readonly Reading[]): Promise<readonly MetricFamily[]> {
    for (const metric of this.#read.values()) metric.reset();
    // Not to be seen where nothing was read: `reset` leaves metrics without labels at 0.
    const seen = new Set<string>();
    for (const { name, labels = {}, value } of readings) {
      if (!Number.isFinite(value)) continue;
      this.#read.get(name)?.inc(labels, value);
      seen.add(readTable[name].name);
    }
    const all = (await this.#registry.getMetricsAsJSON()) as unknown as readonly MetricFamily[];
    const present = all.filter(({ name }) => seen.has(name) || !readNames.has(name));
    return [upFamily(this.#process, 1), ...present.map((family) => this.#signed(family))];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#scope.close();
  }

  /** With the name of the process at each value, but for what is of the whole server. */
  #signed({ name, help, type, values }: MetricFamily): MetricFamily {
    const label: Sample["labels"] = sharedNames.has(name) ? {} : { process: this.#process };
    const signed = values.map(({ metricName, labels, value }) => ({
      metricName,
      labels: { ...labels, ...label },
      value,
    }));
    return { name, help, type, values: signed };
  }
}

interface ReadEntry {
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly string[];
  readonly type?: "counter";
  readonly shared?: true;
}

const readEntries = Object.entries(readTable) as readonly (readonly [ReadName, ReadEntry])[];
const readNames: ReadonlySet<string> = new Set(readEntries.map(([, { name }]) => name));
const sharedNames: ReadonlySet<string> = new Set(
  readEntries.filter(([, each]) => each.shared).map(([, { name }]) => name),
);
