/** Whether people who come now can work: what /readyz answers. */
import type { PartCheck, ProcessReport } from "./process-report.ts";

/** The answer. */
export interface Readiness {
  readonly ready: boolean;
  /** What does not work: one process of several does not make the server unready. */
  readonly troubles: readonly string[];
  readonly processes: readonly { readonly process: string; readonly checks: readonly PartCheck[] }[];
}

/** The readiness of a server: one process with everything that is needed is enough. The primary has nobody's session, so it says nothing. */
export function readinessOf(reports: readonly ProcessReport[], draining: boolean): Readiness {
  const processes = reports
    .filter(({ checks }) => checks.length > 0)
    .map(({ process, checks }) => ({ process, checks }));
  const works = processes.some(({ checks }) => checks.every(({ ok, needed }) => ok || !needed));
  const troubles = processes.flatMap(({ process, checks }) =>
    checks.filter(({ ok }) => !ok).map(({ part, detail }) => `${process}: ${part}: ${detail}`),
  );
  return {
    ready: works && !draining,
    troubles: draining ? ["the server is shutting down", ...troubles] : troubles,
    processes,
  };
}
