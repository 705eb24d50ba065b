/** The reports of all processes as one text, in the format that the reader asks for. */
import { Registry, type Metric } from "prom-client";
import type { MetricFamily, ProcessReport, Sample } from "./process-report.ts";

/** The formats; both are UTF-8. */
export const formats = {
  openMetrics: Registry.OPENMETRICS_CONTENT_TYPE,
  text: Registry.PROMETHEUS_CONTENT_TYPE,
} as const;

/** The format for an Accept header: OpenMetrics for whoever names it, the older text for all others. */
export function formatFor(accept: string | undefined): keyof typeof formats {
  return accept?.includes("application/openmetrics-text") === true ? "openMetrics" : "text";
}

/** The text. A family that several processes report is one family with the values of all. */
export async function exposition(reports: readonly ProcessReport[], format: keyof typeof formats): Promise<string> {
  const registry = new Registry();
  registry.setContentType(formats[format] as never); // its types know one format only
  for (const family of merged(reports)) registry.registerMetric(rendered(family, format));
  return await registry.metrics();
}

function merged(reports: readonly ProcessReport[]): readonly MetricFamily[] {
  const families = new Map<string, MetricFamily & { readonly values: Sample[] }>();
  for (const family of reports.flatMap((report) => report.families)) {
    const known = families.get(family.name);
    if (known) known.values.push(...family.values);
    else families.set(family.name, { ...family, values: [...family.values] });
  }
  return [...families.values()];
}

/** A family as prom-client's registry writes it: OpenMetrics names counters without their `_total`, which it adds to the values. */
function rendered(family: MetricFamily, format: keyof typeof formats): Metric {
  const name = format === "openMetrics" && family.type === "counter" ? family.name.replace(/_total$/, "") : family.name;
  const whole = { ...family, name };
  return { ...whole, get: () => whole } as unknown as Metric;
}
