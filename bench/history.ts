/**
 * What was measured at which commit: bench/history.jsonl, a line for each scenario of each run that was recorded. Machines and days differ, so
 * only ratios to what was measured in the same run are shown.
 */
import { execFile } from "node:child_process";
import { appendFile, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Machine, Row, ScenarioReport } from "./report.ts";
import { shown } from "./report.ts";
import { markdownTable } from "./table.ts";

const file = fileURLToPath(new URL("./history.jsonl", import.meta.url));
const directory = fileURLToPath(new URL("./", import.meta.url));

/** The newest so many commits stand in a table. */
const maxColumns = 8;

/** A line of the file. */
export interface Entry {
  /** Short; with "+" when files had been changed since. */
  readonly commit: string;
  readonly at: string;
  readonly node: string;
  readonly cores: number;
  readonly scenario: string;
  readonly size?: number | undefined;
  readonly rows: readonly Row[];
}

/** Adds a run to the file. Rejects where a machine runs this for people who do not look: its figures would be of whatever else it did. */
export async function record(
  {
    at,
    machine,
    reports,
  }: { readonly at: string; readonly machine: Machine; readonly reports: readonly ScenarioReport[] },
  shorten: (key: string, value: unknown) => unknown,
): Promise<void> {
  if (process.env.CI !== undefined) throw new Error("--record is for people: what CI measures says little");
  const commit = await currentCommit();
  const entries = reports.map(({ scenario, size, rows }): Entry => ({
    commit,
    at,
    node: machine.node,
    cores: machine.cores,
    scenario,
    size,
    rows,
  }));
  await appendFile(file, entries.map((entry) => `${JSON.stringify(entry, shorten)}\n`).join(""));
}

/** The tables of the file for people, of these scenarios. */
export async function historyText(scenarios: readonly string[]): Promise<string> {
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    throw error;
  });
  const entries = text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Entry);
  const tables = historyTables(entries.filter(({ scenario }) => scenarios.includes(scenario)));
  return tables === "" ? "nothing was recorded yet: npm run bench -- --record\n" : tables;
}

/** One table for each scenario and size: a line for each figure and peer, a column for each commit, the newest last. */
export function historyTables(entries: readonly Entry[]): string {
  const titles = [...new Set(entries.map(titleOf))];
  return titles
    .map((title) =>
      historyTable(
        title,
        entries.filter((entry) => titleOf(entry) === title),
      ),
    )
    .join("");
}

function titleOf({ scenario, size }: Entry): string {
  return size === undefined ? scenario : `${scenario}, ${size} people`;
}

function historyTable(title: string, entries: readonly Entry[]): string {
  // A commit that was measured again has its last figures.
  const byCommit = new Map(entries.map((entry) => [entry.commit, entry]));
  const columns = [...byCommit.values()].slice(-maxColumns);
  const lines = new Map<string, readonly [string, string]>();
  for (const { what, peers = {} } of columns.flatMap(({ rows }) => rows))
    for (const peer of Object.keys(peers)) lines.set(`${what}\n${peer}`, [what, peer]);
  if (lines.size === 0) return "";
  const cells = [...lines.values()].map(([what, peer]) => [
    what,
    peer,
    ...columns.map(({ rows }) =>
      ratio(
        rows.find((row) => row.what === what),
        peer,
      ),
    ),
  ]);
  return `\n${title}\n\n${markdownTable(["", "beside", ...columns.map(({ commit }) => commit)], cells)}`;
}

function ratio(row: Row | undefined, name: string): string {
  const peer = row?.peers?.[name];
  return row === undefined || peer === undefined || peer <= 0 ? "" : shown(row.classh / peer);
}

async function currentCommit(): Promise<string> {
  const commit = await git("rev-parse", "--short", "HEAD");
  // The file itself grows with each run that is recorded.
  const changes = await git("status", "--porcelain", "--", ":/", ":!/bench/history.jsonl");
  return changes === "" ? commit : `${commit}+`;
}

async function git(...words: readonly string[]): Promise<string> {
  return (await promisify(execFile)("git", words, { cwd: directory })).stdout.trim();
}
