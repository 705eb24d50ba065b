/** docs/metrics.md: every metric, from the tables that make them. */
import { errorCodes } from "../src/base/errors.ts";
import { otherRefusals } from "../src/base/measures.ts";
import { counterTable, histogramTable, readTable } from "../src/metrics/metric-tables.ts";

interface Described {
  readonly name: string;
  readonly help: string;
  readonly type?: string;
  readonly labels?: readonly string[];
  readonly shared?: boolean;
}

export function metricsPage(note: string): string {
  const up: Described = { name: "classh_process_up", help: "Whether the process answered." };
  const read: readonly Described[] = [up, ...Object.values(readTable)];
  const counted: readonly Described[] = Object.values(counterTable).map((each) => ({ ...each, type: "counter" }));
  const timed: readonly Described[] = Object.values(histogramTable).map(([name, help]) => ({
    name,
    help,
    type: "histogram",
  }));
  const rows = [...timed, ...counted, ...read].map(
    ({ name, help, type = "gauge", labels = [], shared = false }) =>
      `| \`${name}\` | ${type} | ${[...(shared ? [] : ["process"]), ...labels].join(", ")} | ${help} |\n`,
  );
  return [
    `# Metrics\n\n${note}What \`/metrics\` has where \`metrics.listen\` is set: [operations.md](operations.md#metrics). A histogram has the samples \`NAME_bucket\`, \`NAME_sum\` and \`NAME_count\`. Seconds and bytes are never anything else.\n`,
    `| metric | type | labels | meaning |\n| --- | --- | --- | --- |\n${rows.join("")}`,
    `The reasons of refusals are the error codes of [commands.md](commands.md#exit-statuses) (${Object.keys(errorCodes).length} of them), and ${otherRefusals.map((each) => `\`${each}\``).join(", ")}.\n`,
  ].join("\n");
}
