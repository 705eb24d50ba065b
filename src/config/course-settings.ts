/**
 * A folder's .classh.yaml: what a professor sets for the programs in a folder of the course.
 *
 *     seconds: 10
 *     memoryMebibytes: 256
 *     processes: 8
 *     outputMebibytes: 4
 */
import { distance } from "fastest-levenshtein";
import { isMap, isScalar, LineCounter, parseDocument } from "yaml";
import { UserError } from "../base/errors.ts";
import { settingsSchema, type Settings } from "./schema.ts";

/** Name of the file. */
export const courseSettingsFile = ".classh.yaml";

/** Limits that replace the server's own. */
export type CourseLimits = Partial<Settings["limits"]["course"]>;

/** Its settings, by the names of the server's. */
const keys = {
  seconds: "runSeconds",
  memoryMebibytes: "runMemoryMebibytes",
  processes: "runProcesses",
  outputMebibytes: "outputMebibytes",
} as const;

const allowed = settingsSchema.shape.limits.shape.course.shape;
/** Characters of an unknown name that are shown. */
const maxName = 40;
const names = Object.keys(keys);
/**
 * Characters that begin something within something else, wherever they stand: more of them than anybody has in these few lines. The parser
 * goes one call deeper for each, and where the stack ends within a regular expression V8 ends the process.
 */
const nesting = /[[{]|[-?:](?=\s)/g;
const maxNesting = 200;

/** The limits in the text of such a file. Throws `bad-setting` with the line, `path` being what the file is called. */
export function parseCourseSettings(text: string, path: string, highest: Settings["limits"]["course"]): CourseLimits {
  requireFlat(text, path);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const fail = (offset: number, why: string): UserError =>
    new UserError(
      "bad-setting",
      `in ${path}, line ${lines.linePos(offset).line || 1}: ${why}`,
      `It can set ${names.join(", ")}, each with a number.`,
    );
  const [problem] = document.errors;
  if (problem) throw fail(problem.pos[0], problem.message);
  const { contents } = document;
  if (contents === null) return {};
  if (!isMap(contents)) throw fail(contents.range[0], 'lines as "seconds: 10" are needed');
  const limits: { -readonly [Key in keyof CourseLimits]: number } = {};
  for (const { key, value } of contents.items) {
    const at = isScalar(key) ? (key.range?.[0] ?? 0) : contents.range[0];
    const name = isScalar(key) ? String(key.value).slice(0, maxName) : "?";
    if (!isKey(name)) throw fail(at, unknown(name));
    const setting = keys[name];
    const checked = allowed[setting].safeParse(isScalar(value) ? value.value : undefined);
    if (!checked.success) throw fail(at, `${name}: ${checked.error.issues[0]?.message ?? "a number is needed"}`);
    if (checked.data > highest[setting])
      throw fail(at, `${name}: ${checked.data} is more than ${highest[setting]}, which this server allows at most`);
    limits[setting] = checked.data;
  }
  return limits;
}

function requireFlat(text: string, path: string): void {
  if ((text.match(nesting)?.length ?? 0) > maxNesting)
    throw new UserError(
      "bad-setting",
      `lines as "seconds: 10" are needed in ${path}`,
      `It can set ${names.join(", ")}.`,
    );
}

function isKey(name: string): name is keyof typeof keys {
  return Object.hasOwn(keys, name);
}

function unknown(name: string): string {
  if (name === "network")
    return "network: programs have no network but their own (127.0.0.1), on this server as on every other, and nothing can open another";
  const lower = name.toLowerCase();
  const near = names.find((each) => {
    const known = each.toLowerCase();
    return distance(known, lower) <= 3 || (lower.length > 2 && known.startsWith(lower));
  });
  return `unknown setting ${JSON.stringify(name)}${near === undefined ? "" : ` (did you mean ${near}?)`}`;
}
