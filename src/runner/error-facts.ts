/**
 * What error_facts.py says about an error, beside Python's own words. The program could have written it: every text is
 * cut, and what is not expected is left out. The texts are the program's; whoever shows one cleans it (`shownFact`).
 */
import { replaceUnseen, spellOut } from "../base/invisible.ts";

const texts = [
  "message",
  "file",
  "source",
  "before",
  "function",
  "through",
  "subject",
  "sign",
  "qualified",
  "folder",
  "wanted",
] as const;
const numbers = [
  "line",
  "column",
  "endColumn",
  "optional",
  "definedAt",
  "count",
  "laterLine",
  "lineno",
  "colno",
] as const;
const flags = ["inSelf", "global", "module", "own", "otherType", "noFolder", "method", "always"] as const;
const lists = ["near", "keys", "entries", "parameters"] as const;
const parts = ["left", "right", "base", "index", "callee"] as const;
const lines = ["made", "loop"] as const;

/** A part of the line that failed: its words, and what they stood for. */
export interface FactPart {
  readonly text?: string;
  /** The name of its type. */
  readonly type?: string;
  readonly length?: number;
  /** The value, as Python writes it, cut. */
  readonly value?: string;
}

/** A line of the program. */
export interface FactLine {
  readonly line: number;
  readonly text: string;
}

/** The values of a parameter in the first calls of a function. */
export interface FactCalls {
  readonly text: string;
  readonly values: readonly string[];
}

/** What is known of an error. `kind` is the nearest of Python's own types, `name` that of the error itself. */
export type ErrorFacts = {
  readonly kind: string;
  readonly name: string;
  readonly arguments?: readonly FactPart[];
  readonly names?: readonly FactPart[];
  readonly calls?: readonly FactCalls[];
} & Readonly<Partial<Record<(typeof texts)[number], string>>> &
  Readonly<Partial<Record<(typeof numbers)[number], number>>> &
  Readonly<Partial<Record<(typeof flags)[number], boolean>>> &
  Readonly<Partial<Record<(typeof lists)[number], readonly string[]>>> &
  Readonly<Partial<Record<(typeof parts)[number], FactPart>>> &
  Readonly<Partial<Record<(typeof lines)[number], FactLine>>>;

const maxText = 300;
const maxList = 12;

type Fields = Readonly<Record<string, unknown>>;

/** The facts in a mark; undefined for anything that error_facts.py does not write. */
export function parseErrorFacts(text: string): ErrorFacts | undefined {
  const fields = fieldsOf(parsed(text));
  const kind = textOf(fields?.["kind"]);
  const name = textOf(fields?.["name"]);
  if (!fields || kind === undefined || name === undefined) return undefined;
  return {
    kind,
    name,
    ...fieldsBy(fields, texts, textOf),
    ...fieldsBy(fields, numbers, numberOf),
    ...fieldsBy(fields, flags, (value) => (value === true ? true : undefined)),
    ...fieldsBy(fields, lists, (value) => listOf(value, textOf)),
    ...fieldsBy(fields, parts, partOf),
    ...fieldsBy(fields, lines, lineOf),
    ...fieldsBy(fields, ["arguments", "names"], (value) => listOf(value, partOf)),
    ...fieldsBy(fields, ["calls"], (value) => listOf(value, callsOf)),
  };
}

/** A fact as one line to show: controls and invisible characters are spelled out. */
export function shownFact(text: string): string {
  return Buffer.from(replaceUnseen(text.replaceAll("\t", "    "), spellOut)).toString();
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // a forged mark
  }
}

function fieldsOf(value: unknown): Fields | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
}

/** The fields of these names that are what they should be. */
function fieldsBy<Name extends string, Value>(
  fields: Fields,
  names: readonly Name[],
  read: (value: unknown) => Value | undefined,
): Partial<Record<Name, Value>> {
  const found: Partial<Record<Name, Value>> = {};
  for (const name of names) {
    const value = read(fields[name]);
    if (value !== undefined) found[name] = value;
  }
  return found;
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value.slice(0, maxText) : undefined;
}

function numberOf(value: unknown): number | undefined {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

function listOf<Value>(value: unknown, read: (value: unknown) => Value | undefined): readonly Value[] | undefined {
  if (!Array.isArray(value)) return undefined;
  return value.slice(0, maxList).flatMap((each) => read(each) ?? []);
}

function partOf(value: unknown): FactPart | undefined {
  const fields = fieldsOf(value);
  return (
    fields && { ...fieldsBy(fields, ["text", "type", "value"], textOf), ...fieldsBy(fields, ["length"], numberOf) }
  );
}

function lineOf(value: unknown): FactLine | undefined {
  const fields = fieldsOf(value);
  const line = numberOf(fields?.["line"]);
  const text = textOf(fields?.["text"]);
  return line === undefined || text === undefined ? undefined : { line, text };
}

function callsOf(value: unknown): FactCalls | undefined {
  const fields = fieldsOf(value);
  const text = textOf(fields?.["text"]);
  const values = listOf(fields?.["values"], textOf);
  return text === undefined || values === undefined ? undefined : { text, values };
}
