/** What the rules of deploy/prometheus and the dashboard of deploy/grafana ask for. */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";

/** An alert. */
export interface Alert {
  readonly alert: string;
  readonly expr: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** The alerts, the expressions of both, and the names of samples in them. */
export interface Operations {
  readonly alerts: readonly Alert[];
  readonly expressions: readonly string[];
  readonly asked: ReadonlySet<string>;
}

/** A file of deploy/. */
export function deployed(name: string): string {
  return fileURLToPath(new URL(`../../deploy/${name}`, import.meta.url));
}

export async function readOperations(): Promise<Operations> {
  const rules = parse(await readFile(deployed("prometheus/rules.yml"), "utf8")) as {
    readonly groups: readonly { readonly rules: readonly Alert[] }[];
  };
  const alerts = rules.groups.flatMap((group) => group.rules);
  const dashboard = JSON.parse(await readFile(deployed("grafana/classh.json"), "utf8")) as {
    readonly panels: readonly { readonly targets?: readonly { readonly expr: string }[] }[];
  };
  const shown = dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
  const expressions = [...alerts.map(({ expr }) => expr), ...shown];
  const names = expressions.flatMap((expr) => expr.match(/\b(classh|process)_\w+/g) ?? []);
  return { alerts, expressions, asked: new Set(names) };
}
