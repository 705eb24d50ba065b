/** What one process of a server reports when somebody asks: plain data, since it may come from another process. */

/** One value of a metric. */
export interface Sample {
  /** Name of the sample, where it is not the metric's: `..._bucket`. */
  readonly metricName?: string | undefined;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
}

/** A metric with its values. */
export interface MetricFamily {
  readonly name: string;
  readonly help: string;
  readonly type: "counter" | "gauge" | "histogram";
  readonly values: readonly Sample[];
}

/** Whether a part works. */
export interface PartCheck {
  readonly part: "process" | "database" | "jail" | "disk" | "backup";
  readonly ok: boolean;
  readonly detail: string;
  /** Whether people can't work without it: a server without it is not ready. */
  readonly needed: boolean;
}

/** The report of a process. */
export interface ProcessReport {
  /** "server", "primary" or "worker-N". */
  readonly process: string;
  readonly families: readonly MetricFamily[];
  readonly checks: readonly PartCheck[];
}

/** The report of a process that did not answer: that it did not. */
export function silentReport(process: string): ProcessReport {
  return {
    process,
    families: [upFamily(process, 0)],
    checks: [{ part: "process", ok: false, detail: "does not answer", needed: true }],
  };
}

/** Whether a process answers. */
export function upFamily(process: string, value: 0 | 1): MetricFamily {
  return {
    name: "classh_process_up",
    help: "Whether this process of the server answered; the others' figures are there all the same.",
    type: "gauge",
    values: [{ labels: { process }, value }],
  };
}
