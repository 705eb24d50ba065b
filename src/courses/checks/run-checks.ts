/**
 * Theory of operation: what a student's program is expected to do is known here, outside the jail, and never goes there. The jail gets files,
 * arguments and input, and gives back bytes: what was printed, a status, files, a value. A program that prints whatever it likes, or takes the
 * harness apart, can thereby only give another answer, which is compared like every answer.
 */
import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { describe, type Outcome } from "../../runner/outcome.ts";
import { titleOf, type CallCheck, type AssignmentCheck, type CodeCheck, type OutputCheck } from "../assignment-yaml.ts";
import { leftFile, type CheckJail, type CheckResult } from "./check-jail.ts";
import { sameText } from "./output-comparison.ts";
import { matches } from "./pattern.ts";
import { equalValues, literalText, parseLiteral, type PythonValue } from "./python-literal.ts";

/** What a check found. */
export interface Verdict {
  readonly title: string;
  readonly points: number;
  readonly hidden: boolean;
  readonly passed: boolean;
  /** What is wrong, in words; empty when it passed. */
  readonly why: string;
  readonly expected?: string | undefined;
  readonly actual?: string | undefined;
  readonly hint?: string | undefined;
}

/** What the checks of an assignment run with. */
export interface CheckSettings {
  /** Of the assignment. */
  readonly seconds: number;
  readonly memoryMebibytes: number | undefined;
  /** Files that checks name, from the assignment's folder checks/. */
  readonly beside: ReadonlyMap<string, Buffer>;
  /** The file that calls are made in when a check doesn't say. */
  readonly mainFile: string | undefined;
}

type Finding = Pick<Verdict, "passed" | "why" | "expected" | "actual">;

const well: Finding = { passed: true, why: "" };

const callHarness = new URL("call_check.py", import.meta.url);
const codeHarness = new URL("code_facts.py", import.meta.url);

/** Runs one check. */
export async function runCheck(check: AssignmentCheck, jail: CheckJail, settings: CheckSettings): Promise<Verdict> {
  const { points, hidden, hint } = check;
  return { title: titleOf(check), points, hidden, hint, ...(await find(check, jail, settings)) };
}

async function find(check: AssignmentCheck, jail: CheckJail, settings: CheckSettings): Promise<Finding> {
  if ("output" in check) return await findOutput(check, jail, settings);
  if ("call" in check) return await findCall(check, jail, settings);
  return await findCode(check, jail);
}

async function findOutput(check: OutputCheck, jail: CheckJail, settings: CheckSettings): Promise<Finding> {
  const files = new Map(Object.entries(check.files).map(([path, text]) => [path, Buffer.from(text)]));
  const result = await jail.run({
    file: check.output,
    args: check.arguments,
    input: check.input ?? besideText(settings, check.inputFile) ?? "",
    seconds: check.seconds ?? settings.seconds,
    memoryMebibytes: settings.memoryMebibytes,
    files,
  });
  const failed = failure(result, check.status);
  if (failed) return failed;
  const expected = check.expect ?? besideText(settings, check.expectFile);
  const actual = result.stdout;
  if (expected !== undefined && !sameText(actual, expected, check.compare, check.tolerance))
    return { passed: false, why: "it printed something else", expected, actual };
  if (
    check.expectPattern !== undefined &&
    !(await matches({ pattern: check.expectPattern, text: actual }, jail.signal))
  )
    return { passed: false, why: "what it printed does not match", expected: check.expectPattern, actual };
  return await findFiles(check, result);
}

/** Bytes of a file that a check compares. */
const maxFile = 1 << 20;

async function findFiles(check: OutputCheck, { directory }: CheckResult): Promise<Finding> {
  for (const [path, expected] of Object.entries(check.expectFiles)) {
    const bytes = await leftFile(directory, path, maxFile);
    if (!bytes) return { passed: false, why: `it left no file ${path}`, expected };
    const actual = bytes.toString();
    if (!sameText(actual, expected, check.compare, check.tolerance))
      return { passed: false, why: `it wrote something else to ${path}`, expected, actual };
  }
  return well;
}

async function findCall(check: CallCheck, jail: CheckJail, settings: CheckSettings): Promise<Finding> {
  const file = check.in ?? settings.mainFile;
  if (file === undefined) return { passed: false, why: "the check does not say in which file" };
  const mark = randomBytes(12).toString("hex");
  const result = await jail.run({
    file,
    args: [mark, file, check.call],
    input: check.input ?? "",
    seconds: check.seconds ?? settings.seconds,
    memoryMebibytes: settings.memoryMebibytes,
    harness: await readFile(callHarness, "utf8"),
  });
  const failed = failure(result, 0);
  if (failed) return failed;
  return judgeCall(check, toldIn(result.stdout, mark));
}

/** What the harness tells of a call: all of it can be the program's own invention. */
interface Told {
  readonly value?: unknown;
  readonly raised?: unknown;
  readonly bases?: unknown;
  readonly text?: unknown;
  readonly line?: unknown;
  readonly missing?: unknown;
  readonly large?: unknown;
}

function toldIn(stdout: string, mark: string): Told | undefined {
  const at = stdout.lastIndexOf(`\n${mark}`);
  if (at < 0) return undefined;
  const [line = ""] = stdout.slice(at + 1 + mark.length).split("\n", 1);
  try {
    const told: unknown = JSON.parse(line);
    return typeof told === "object" && told !== null ? told : undefined;
  } catch {
    return undefined; // the program wrote there: it gave no answer
  }
}

function judgeCall(check: CallCheck, told: Told | undefined): Finding {
  if (!told) return { passed: false, why: "the program ended before the call gave anything" };
  if (told.missing !== undefined) return { passed: false, why: "the file is missing" };
  if (told.large !== undefined) return { passed: false, why: "the value is too large" };
  if (typeof told.raised === "string") return judgeRaised(check, told, told.raised);
  const value = valueOf(told.value, 0);
  if (!value) return { passed: false, why: "the program ended before the call gave anything" };
  const actual = literalText(value);
  if (check.raises !== undefined)
    return { passed: false, why: `${check.raises} is not raised`, expected: check.raises, actual };
  const expected = parseLiteral(check.returns ?? "None");
  if (typeof expected !== "string" && equalValues(value, expected, check.tolerance)) return well;
  return { passed: false, why: "it gives something else", expected: check.returns, actual };
}

function judgeRaised(check: CallCheck, { bases, line, text }: Told, raised: string): Finding {
  const kinds: readonly unknown[] = Array.isArray(bases) ? bases : [];
  if (check.raises !== undefined && kinds.includes(check.raises.split(".").at(-1))) return well;
  const where = typeof line === "number" ? ` in line ${line}` : "";
  const words = typeof text === "string" && text !== "" ? `: ${text}` : "";
  return { passed: false, why: `${raised}${where}${words}`, expected: check.raises ?? check.returns };
}

/** A value as the harness tells it; undefined for anything else. */
function valueOf(told: unknown, depth: number): PythonValue | undefined {
  if (typeof told !== "object" || told === null || depth > 32) return undefined;
  const { kind, value, items, type } = told as Readonly<Record<string, unknown>>;
  if (kind === "none") return { kind };
  if (kind === "other") return { kind, type: typeof type === "string" ? type.slice(0, 100) : "?" };
  if (kind === "dict") return Array.isArray(items) ? pairs(items, depth) : undefined;
  if (kind === "list" || kind === "tuple" || kind === "set")
    return Array.isArray(items) ? all(items, kind, depth) : undefined;
  return plainValue(kind, value);
}

function plainValue(kind: unknown, value: unknown): PythonValue | undefined {
  if (kind === "bool") return typeof value === "boolean" ? { kind, value } : undefined;
  if (typeof value !== "string") return undefined;
  if (kind === "int") return /^-?\d{1,5000}$/.test(value) ? { kind, value } : undefined;
  return kind === "float" || kind === "str" || kind === "bytes" ? { kind, value } : undefined;
}

function all(items: readonly unknown[], kind: "list" | "tuple" | "set", depth: number): PythonValue | undefined {
  const values = items.map((item) => valueOf(item, depth + 1));
  return values.every((value) => value !== undefined) ? { kind, items: values } : undefined;
}

function pairs(items: readonly unknown[], depth: number): PythonValue | undefined {
  const read: (readonly [PythonValue, PythonValue])[] = [];
  for (const item of items) {
    const [key, value] = Array.isArray(item) ? item.map((each) => valueOf(each, depth + 1)) : [];
    if (!key || !value) return undefined;
    read.push([key, value]);
  }
  return { kind: "dict", items: read };
}

/** Lines of what a file holds, by name. */
interface Facts {
  readonly imports?: Readonly<Record<string, number>>;
  readonly defines?: Readonly<Record<string, number>>;
  readonly calls?: Readonly<Record<string, number>>;
  readonly uses?: Readonly<Record<string, number>>;
  readonly nesting?: number;
  readonly deepest?: number;
  readonly missing?: boolean;
  readonly wrong?: string;
  readonly line?: number | null;
}

async function findCode(check: CodeCheck, jail: CheckJail): Promise<Finding> {
  const told = await jail.inspect(await readFile(codeHarness, "utf8"), check.code);
  let facts: Facts;
  try {
    facts = JSON.parse(told) as Facts;
  } catch {
    return { passed: false, why: "the text can't be read" };
  }
  if (facts.missing) return { passed: false, why: `there is no ${check.code}` };
  if (facts.wrong !== undefined)
    return { passed: false, why: `${facts.wrong}${facts.line ? ` in line ${facts.line}` : ""}` };
  const why = complaints(check, facts)[0];
  return why === undefined ? well : { passed: false, why };
}

function lineIn(map: Readonly<Record<string, number>> | undefined, name: string): number | undefined {
  return map && Object.hasOwn(map, name) ? map[name] : undefined;
}

function complaints(check: CodeCheck, facts: Facts): readonly string[] {
  const rules = [
    { map: facts.imports, verb: "import", must: check.mustImport, mustNot: check.mustNotImport },
    { map: facts.defines, verb: "define", must: check.mustDefine, mustNot: [] },
    { map: facts.calls, verb: "call", must: check.mustCall, mustNot: check.mustNotCall },
    { map: facts.uses, verb: "use", must: check.mustUse, mustNot: check.mustNotUse },
  ];
  const found = rules.flatMap(({ map, verb, must, mustNot }) => [
    ...must.filter((name) => lineIn(map, name) === undefined).map((name) => `it must ${verb} ${name}`),
    ...mustNot
      .filter((name) => lineIn(map, name) !== undefined)
      .map((name) => `it must not ${verb} ${name}: line ${lineIn(map, name)}`),
  ]);
  const { nesting = 0, deepest = 0 } = facts;
  if (check.maxNesting !== undefined && nesting > check.maxNesting)
    found.push(`${nesting} levels within each other at line ${deepest}; ${check.maxNesting} are allowed`);
  return found;
}

/** Why a run is no answer at all; undefined when it is one. */
function failure({ outcome, complete, stderr, stdout }: CheckResult, status: number): Finding | undefined {
  if (!complete) return { passed: false, why: "it printed too much" };
  if (outcome.kind === "exited" && outcome.status === status) return undefined;
  return {
    passed: false,
    why: endOf(outcome, stderr),
    expected: status === 0 ? undefined : `status ${status}`,
    actual: stdout,
  };
}

function endOf(outcome: Outcome, stderr: string): string {
  const last = stderr.trimEnd().split("\n").at(-1) ?? "";
  const text = describe(outcome);
  return outcome.kind === "exited" && last !== ""
    ? last.slice(0, 400)
    : text.charAt(0).toLowerCase() + text.slice(1).replace(/\.$/, "");
}

function besideText({ beside }: CheckSettings, path: string | undefined): string | undefined {
  return path === undefined ? undefined : beside.get(path)?.toString();
}
