/**
 * What Python at a prompt says of its variables (variables.py). The program could have written it: for display only, and so it is read
 * with bounds, and nothing in it can move a cursor or look like something else.
 */
import { replaceUnseen, spellOut } from "../base/invisible.ts";

/** Where an entry belongs: a variable, a function or class of the program's own, an imported one, a module. */
export type VariableGroup = "variable" | "here" | "imported" | "module";

/** One variable in a few words. */
export interface Variable {
  readonly name: string;
  readonly type: string;
  readonly value: string;
  /** "3", or the shape of an array: "3×4". */
  readonly length?: string | undefined;
  readonly group: VariableGroup;
}

/** All variables of a program at one moment. */
export interface Variables {
  readonly list: readonly Variable[];
  /** Number of further ones. */
  readonly more: number;
}

/** One value in full, within bounds: lines of text, or a table. */
export interface WholeValue {
  readonly name: string;
  readonly type: string;
  readonly length?: string | undefined;
  readonly columns: readonly string[] | undefined;
  /** Rows of the table; lines of the text, as rows of one cell. */
  readonly rows: readonly (readonly string[])[];
  /** Number of further rows. */
  readonly more: number;
}

const maxVariables = 300;
const maxWords = 160;
const maxRows = 500;
const maxColumns = 21;
const maxLine = 500;
/** Characters of all marks of one report. */
const maxReport = 1 << 20;

const groups: ReadonlySet<unknown> = new Set<VariableGroup>(["here", "imported", "module"]);

/** Puts reports together that come in several marks. */
export class ReportReader {
  #parts: string[] = [];
  #length = 0;

  /** The report that a mark completes. */
  read(body: string): string | undefined {
    const isLast = body.startsWith(".;");
    this.#length += body.length;
    if (this.#length <= maxReport) this.#parts.push(body.slice(2));
    if (!isLast) return undefined;
    const text = this.#length <= maxReport ? this.#parts.join("") : undefined;
    this.#parts = [];
    this.#length = 0;
    return text;
  }
}

/** The variables in a report; undefined for anything that variables.py does not write. */
export function parseVariables(text: string): Variables | undefined {
  const found = parse(text);
  if (!found || !Array.isArray(found["variables"])) return undefined;
  const list = found["variables"].slice(0, maxVariables).flatMap((each: unknown) => variableOf(each) ?? []);
  return { list, more: countOf(found["more"]) };
}

/** The value in a report; undefined for anything that variables.py does not write. */
export function parseWholeValue(text: string): WholeValue | undefined {
  const found = parse(text);
  if (!found) return undefined;
  const name = words(found["name"]);
  if (name === undefined) return undefined;
  const common = {
    name,
    type: words(found["type"]) ?? "",
    length: words(found["length"]) || undefined,
    more: countOf(found["rest"]),
  };
  const { columns, rows, lines } = found;
  if (Array.isArray(lines))
    return { ...common, columns: undefined, rows: lines.slice(0, maxRows).map((line) => [lineOf(line)]) };
  if (!Array.isArray(columns) || !Array.isArray(rows)) return undefined;
  return { ...common, columns: cells(columns), rows: rows.slice(0, maxRows).map(cells) };
}

function variableOf(value: unknown): Variable | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { name, type, value: text, length, group } = value as Record<string, unknown>;
  const shown = { name: words(name), type: words(type), value: words(text) };
  if (shown.name === undefined || shown.type === undefined || shown.value === undefined) return undefined;
  return {
    name: shown.name,
    type: shown.type,
    value: shown.value,
    length: words(length) || undefined,
    group: groups.has(group) ? (group as VariableGroup) : "variable",
  };
}

function parse(text: string): Record<string, unknown> | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined; // a forged mark
  }
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
}

function words(value: unknown): string | undefined {
  return typeof value === "string" ? clean(value, maxWords) : undefined;
}

function lineOf(value: unknown): string {
  return typeof value === "string" ? clean(value.replaceAll("\t", "    "), maxLine) : "";
}

function cells(row: unknown): readonly string[] {
  return Array.isArray(row) ? row.slice(0, maxColumns).map((each) => words(each) ?? "") : [];
}

function clean(text: string, length: number): string {
  return replaceUnseen(text.slice(0, length), spellOut);
}

function countOf(value: unknown): number {
  return typeof value === "number" && Number.isSafeInteger(value) && value > 0 ? value : 0;
}
