/** What the bench found: figures for programs, a table for people. */
import { cpus, release, totalmem } from "node:os";
import { readFile } from "node:fs/promises";
import type { ScenarioName } from "./options.ts";
import { markdownTable } from "./table.ts";

/** One line of a table. `ratio` compares classh with its peer: below 1 is better than the peer. */
export interface Row {
  readonly what: string;
  readonly classh: number;
  readonly peer?: number | undefined;
  readonly unit: string;
}

export interface ScenarioReport {
  readonly scenario: ScenarioName;
  readonly title: string;
  /** What classh is compared with; undefined where nothing was. */
  readonly peer?: string | undefined;
  readonly rows: readonly Row[];
  /** Everything that the rows were made of, for --json. */
  readonly details: unknown;
}

export interface Machine {
  readonly cores: number;
  readonly model: string;
  readonly memory: number;
  readonly kernel: string;
  readonly node: string;
  /** Load averages at the start: above the number of cores the figures say little. */
  readonly load: string;
}

export async function describeMachine(): Promise<Machine> {
  const load = (await readFile("/proc/loadavg", "utf8")).split(" ").slice(0, 3).join(" ");
  return {
    cores: cpus().length,
    model: cpus()[0]?.model ?? "unknown",
    memory: totalmem(),
    kernel: release(),
    node: process.version,
    load,
  };
}

export function reportText({ title, peer, rows }: ScenarioReport): string {
  const header = peer === undefined ? ["", "classh", ""] : ["", "classh", peer, "", "ratio"];
  const cells = rows.map((row) => (peer === undefined ? [row.what, shown(row.classh), row.unit] : compared(row)));
  return `\n${title}\n\n${markdownTable(header, cells)}`;
}

function compared({ what, classh, peer, unit }: Row): readonly string[] {
  return [what, shown(classh), peer === undefined ? "" : shown(peer), unit, peer ? (classh / peer).toFixed(2) : ""];
}

function shown(value: number): string {
  return value >= 100 ? value.toFixed(0) : Number(value.toPrecision(3)).toString();
}
