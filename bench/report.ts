/** What the bench found: figures for programs, a table for people. */
import { cpus, release, totalmem } from "node:os";
import { readFile } from "node:fs/promises";
import type { ScenarioName } from "./options.ts";
import { markdownTable } from "./table.ts";

/** One line of a table. */
export interface Row {
  readonly what: string;
  readonly classh: number;
  readonly unit: string;
  /** The same figure of what classh is compared with, by the name of that. */
  readonly peers?: Readonly<Record<string, number>> | undefined;
}

export interface ScenarioReport {
  readonly scenario: ScenarioName;
  readonly title: string;
  /** Figures by which other figures of the report can be told from those of another run: how many sessions. */
  readonly size?: number | undefined;
  /** What classh is compared with, in the order of the table; undefined where nothing is. */
  readonly peers?: readonly string[] | undefined;
  /** Which of them could not be measured here, and why. */
  readonly absent?: Readonly<Record<string, string>> | undefined;
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

/** The same figure of classh and of each peer that was measured, by its name. */
export function row<F>(
  what: string,
  unit: string,
  { classh, peers, pick }: { classh: F; peers: ReadonlyMap<string, F>; pick: (figures: F) => number },
): Row {
  const ofPeers = Object.fromEntries([...peers].map(([name, figures]) => [name, pick(figures)]));
  return { what, unit, classh: pick(classh), peers: ofPeers };
}

/** Ratios compare classh with the peer on their left: below 1 is better than the peer. */
export function reportText({ title, peers = [], absent = {}, rows }: ScenarioReport): string {
  const header = ["", "unit", "classh", ...peers.flatMap((peer) => [peer, "ratio"])];
  const cells = rows.map(({ what, unit, classh, peers: figures = {} }) => [
    what,
    unit,
    shown(classh),
    ...peers.flatMap((peer) => (peer in absent ? ["not here", ""] : compared(classh, figures[peer]))),
  ]);
  const missing = Object.entries(absent).map(([peer, why]) => `${peer}: ${why}\n`);
  return `\n${title}\n\n${markdownTable(header, cells)}${missing.join("")}`;
}

function compared(classh: number, peer: number | undefined): readonly string[] {
  if (peer === undefined) return ["", ""];
  return [shown(peer), peer > 0 ? shown(classh / peer) : ""];
}

/** Three digits: more are noise. */
export function shown(value: number): string {
  return value >= 100 ? value.toFixed(0) : Number(value.toPrecision(3)).toString();
}
