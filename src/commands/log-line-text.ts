/** A line of the log as people and as programs read it. Values may come from anywhere: what can't be seen is spelled out. */
import { replaceUnseen, spellOut } from "../base/invisible.ts";
import { recordOf, type LogRecord } from "../base/log-lines.ts";
import { counted } from "../base/counted.ts";

/** Shown in a column of its own. */
const columns: readonly string[] = ["timestamp", "level", "message", "primary"];
/** Before the other fields. */
const firstFields = ["user", "session", "run"];
const maxValue = 300;

/** A line for people: time, level, process, message, and the fields. */
export function logLineText(node: string, line: string): string {
  const record = recordOf(line);
  if (!record) return shown(line.slice(0, maxValue));
  const dropped = record["dropped"];
  if (typeof dropped === "number")
    return `... ${counted(dropped, "line")} of ${node} left out: they came faster than they were read`;
  const { timestamp, level, message } = record;
  const names = [...new Set([...firstFields, ...Object.keys(record)])].filter(
    (name) => !columns.includes(name) && record[name] !== undefined,
  );
  const facts = names.map((name) => `${name}=${valueText(record[name])}`);
  return shown(
    [timeOf(timestamp), String(level).padEnd(5), processOf(record, node), String(message), ...facts].join(" "),
  );
}

/** A line for programs: the line of the log, with the process's name. */
export function logLineJson(node: string, line: string): string {
  const record = recordOf(line);
  const text = JSON.stringify({ ...(record ?? { line }), from: record ? processOf(record, node) : node });
  return replaceUnseen(text, escaped);
}

/** The primary is no node: its lines come through a worker, and say so. */
function processOf({ primary }: LogRecord, node: string): string {
  return primary === true ? node.replace(/\/\d+$/, "/primary") : node;
}

function timeOf(timestamp: unknown): string {
  const at = typeof timestamp === "string" ? new Date(timestamp) : new Date(Number.NaN);
  if (Number.isNaN(at.getTime())) return String(timestamp);
  return `${at.toTimeString().slice(0, 8)}.${String(at.getMilliseconds()).padStart(3, "0")}`;
}

function valueText(value: unknown): string {
  if (typeof value === "object" && value !== null) return cut(errorWords(value) ?? JSON.stringify(value));
  const text = cut(String(value));
  return typeof value === "string" && /^$|[\s"=]/.test(text) ? JSON.stringify(text) : text;
}

/** An error without its stack, which only the JSON has. */
function errorWords(value: object): string | undefined {
  const { name, message } = value as LogRecord;
  return typeof name === "string" && typeof message === "string" ? JSON.stringify(`${name}: ${message}`) : undefined;
}

function cut(text: string): string {
  return text.length > maxValue ? `${text.slice(0, maxValue)}…` : text;
}

function shown(text: string): string {
  return replaceUnseen(text, spellOut);
}

/** As JSON escapes it: in halves above U+FFFF. */
function escaped(character: string): string {
  return [...Array(character.length).keys()]
    .map((at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, "0")}`)
    .join("");
}
