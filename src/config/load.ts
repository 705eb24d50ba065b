/**
 * Settings from four sources, a later one overriding an earlier one: default.yaml < --config FILE < environment <
 * flags.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { distance } from "fastest-levenshtein";
import { parse } from "yaml";
import { UserError } from "../base/errors.ts";
import { settingsSchema, type Settings } from "./schema.ts";

type Tree = { [key: string]: unknown };

/** Where settings come from, beside config/default.yaml. */
export interface SettingsSources {
  /** File named with --config. */
  readonly file?: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Settings given as flags, by path: `{"listen": "0.0.0.0:22"}`. */
  readonly flags?: Readonly<Record<string, unknown>>;
  /** Called with a sentence for each setting given by an old name. */
  readonly warn?: (sentence: string) => void;
}

/** Path of config/default.yaml; the same from src/ and from dist/. */
export const defaultSettingsFile = fileURLToPath(new URL("../../config/default.yaml", import.meta.url));

/** Variables with names that users expect, and the setting that each gives. */
const aliases: Readonly<Record<string, string>> = { DATABASE_URL: "database.url", CLASSH_PG_BIN: "database.binaries" };

/** Settings by their old names, which are still understood. */
const renamed: Readonly<Record<string, string>> = {
  "session.mostAway": "session.maxAway",
  "session.leastMemoryMebibytes": "session.minMemoryMebibytes",
};

/** All settings, checked. Throws a UserError that names key, value, source and what is allowed. */
export function loadSettings(sources: SettingsSources): Settings {
  const tree = readYaml(defaultSettingsFile);
  const known = leaves(tree);
  const origin = new Map<string, string>();
  for (const { path: given, value, source } of givenSettings(sources, known)) {
    const path = renamed[given] ?? given;
    if (path !== given) sources.warn?.(`the setting ${given} (${source}) is called ${path} now: please change it`);
    if (!known.has(path)) throw unknown(path, source, known);
    assign(tree, path, value);
    origin.set(path, source);
  }
  const checked = settingsSchema.safeParse(tree);
  if (checked.success) return checked.data;
  const issue = checked.error.issues[0];
  const path = issue?.path.join(".") ?? "";
  throw new UserError(
    "bad-setting",
    `bad setting ${path} = ${JSON.stringify(lookUp(tree, path))} (${origin.get(path) ?? "default.yaml"}): ${issue?.message}`,
    "docs/settings.md lists every setting and its allowed values.",
  );
}

/** A value that somebody gave, and where; the path may be an old one. */
interface GivenSetting {
  readonly path: string;
  readonly value: unknown;
  readonly source: string;
}

/** The values of all sources, in order; later ones override. Throws for a CLASSH_ variable that names no setting. */
function* givenSettings(
  { file, environment, flags = {} }: SettingsSources,
  known: ReadonlyMap<string, unknown>,
): Generator<GivenSetting> {
  if (file) for (const [path, value] of leaves(readYaml(file))) yield { path, value, source: file };
  for (const [name, text] of Object.entries(environment)) {
    if (text === undefined || (!name.startsWith("CLASSH_") && !(name in aliases))) continue;
    const path =
      aliases[name] ?? [...known.keys(), ...Object.keys(renamed)].find((key) => environmentName(key) === name);
    if (!path) throw unknown(name, "environment", new Map([...known.keys()].map((key) => [environmentName(key), 0])));
    yield { path, value: fromText(text, known.get(renamed[path] ?? path)), source: `environment variable ${name}` };
  }
  for (const [path, value] of Object.entries(flags)) {
    if (value !== undefined) yield { path, value, source: `flag --${path}` };
  }
}

/** Name of a setting's environment variable: `limits.runSeconds` -> `CLASSH_LIMITS_RUN_SECONDS`. */
export function environmentName(path: string): string {
  return `CLASSH_${path.replace(/[A-Z]/g, "_$&").replaceAll(".", "_").toUpperCase()}`;
}

function readYaml(file: string): Tree {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (cause) {
    throw new UserError(
      "bad-setting",
      `the settings file ${file} can't be read`,
      "Check the name you gave to --config.",
      { cause },
    );
  }
  let value: unknown;
  try {
    value = parse(text);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new UserError("bad-setting", `the settings file ${file} is not valid YAML: ${why}`, undefined, { cause });
  }
  if (value === null || value === undefined) return {};
  if (!isTree(value)) throw new UserError("bad-setting", `the settings file ${file} must hold "key: value" lines`);
  return value;
}

function isTree(value: unknown): value is Tree {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Every leaf of a tree by its dotted path. An empty map and a list are leaves. */
export function leaves(tree: Tree, prefix = ""): Map<string, unknown> {
  const result = new Map<string, unknown>();
  for (const [key, value] of Object.entries(tree)) {
    if (isTree(value)) for (const [path, leaf] of leaves(value, `${prefix}${key}.`)) result.set(path, leaf);
    else result.set(prefix + key, value);
  }
  return result;
}

function assign(tree: Tree, path: string, value: unknown): void {
  const keys = path.split(".");
  const last = keys.pop() ?? "";
  let node = tree;
  for (const key of keys) {
    const next = node[key];
    if (!isTree(next)) throw new Error(`no settings below ${path}`);
    node = next;
  }
  node[last] = value;
}

function lookUp(tree: Tree, path: string): unknown {
  let node: unknown = tree;
  for (const key of path.split(".")) node = isTree(node) ? node[key] : undefined;
  return node;
}

/**
 * The text of an environment variable read as the type of the default; what does not fit is left for the schema to
 * name.
 */
function fromText(text: string, like: unknown): unknown {
  if (like === "auto" && /^\d+$/.test(text)) return Number(text);
  if (typeof like === "number") return text.trim() === "" || Number.isNaN(Number(text)) ? text : Number(text);
  if (typeof like === "boolean") {
    if (/^(on|true|yes|1)$/i.test(text)) return true;
    return /^(off|false|no|0)$/i.test(text) ? false : text;
  }
  if (Array.isArray(like))
    return text
      .split(",")
      .map((item) => item.trim())
      .filter(Boolean);
  return text;
}

function unknown(key: string, source: string, known: ReadonlyMap<string, unknown>): UserError {
  const near = [...known.keys()].toSorted((a, b) => distance(a, key) - distance(b, key))[0];
  return new UserError(
    "bad-setting",
    `unknown setting ${key} (${source})`,
    `Did you mean ${near}? docs/settings.md lists every setting.`,
  );
}
