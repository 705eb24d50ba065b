/** assignment.yaml: its schema, and every mistake in one with its line. docs/professor.md describes it. */
import { distance } from "fastest-levenshtein";
import { z } from "zod";
import { readYaml, type Mistake, type YamlText } from "../config/bounded-yaml.ts";
import { parseLiteral } from "./checks/python-literal.ts";
import { isTimeZone, momentOfText } from "./zoned-time.ts";

/** Bytes of such a file; what is longer lies beside it, in checks/. */
export const maxYamlBytes = 32 << 10;

/** Name of the file. */
export const assignmentFile = "assignment.yaml";

const line = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[^\u0000-\u001f\u007f]*$/, "one line of text is needed");
const text = z.string().max(16 << 10);
const points = z.number().min(0).max(10_000);
/** A path below the folder of the assignment or of a student's copy. */
const file = z
  .string()
  .max(200)
  .regex(/^(?!\/)(?!(.*\/)?\.{1,2}(\/|$))[^\u0000-\u001f\u007f\\]+(?<!\/)$/, "a path within the assignment is needed");
const literal = z
  .string()
  .max(16 << 10)
  .superRefine((value, context) => {
    const read = parseLiteral(value);
    if (typeof read === "string") context.addIssue({ code: "custom", message: read });
  });
const pattern = z.string().max(1000).refine(isPattern, "not a regular expression");
const files = z.record(file, text).refine((map) => Object.keys(map).length <= 50, "at most 50 files");

const ofEveryCheck = {
  title: line.optional(),
  points: points.default(1),
  hint: line.optional(),
  hidden: z.boolean().default(false),
  seconds: z.number().min(0.1).max(600).optional(),
};
const comparison = z.enum(["exact", "lines", "tokens", "numbers"]);
const tolerance = z.number().min(0).max(1).optional();

const outputCheck = z.strictObject({
  ...ofEveryCheck,
  /** The program that is run. */
  output: file,
  arguments: z.array(z.string().max(1000)).max(50).default([]),
  input: text.optional(),
  inputFile: file.optional(),
  files: files.default({}),
  expect: text.optional(),
  expectFile: file.optional(),
  expectPattern: pattern.optional(),
  expectFiles: files.default({}),
  status: z.number().int().min(0).max(255).default(0),
  compare: comparison.default("lines"),
  tolerance,
});
const callCheck = z.strictObject({
  ...ofEveryCheck,
  /** An expression of Python, with the names of the file. */
  call: line.max(1000),
  in: file.optional(),
  input: text.optional(),
  returns: literal.optional(),
  raises: z
    .string()
    .max(100)
    .regex(/^[A-Za-z_][\w.]*$/, "the name of an exception is needed")
    .optional(),
  tolerance,
});
const names = z.array(z.string().min(1).max(100)).max(50).default([]);
const codeCheck = z.strictObject({
  ...ofEveryCheck,
  /** The file whose text is looked at. */
  code: file,
  mustImport: names,
  mustNotImport: names,
  mustDefine: names,
  mustCall: names,
  mustNotCall: names,
  mustUse: z
    .array(z.enum(["for", "while", "if", "try", "with", "class", "def", "lambda", "comprehension", "recursion"]))
    .default([]),
  mustNotUse: z
    .array(z.enum(["for", "while", "if", "try", "with", "class", "def", "lambda", "comprehension", "recursion"]))
    .default([]),
  maxNesting: z.number().int().min(1).max(50).optional(),
});
const kinds = { output: outputCheck, call: callCheck, code: codeCheck } as const;

const late = z.union([
  z.literal("none"),
  z.strictObject({
    days: z.number().int().min(0).max(365).default(0),
    percentPerDay: z.number().min(0).max(100).default(0),
    graceMinutes: z.number().int().min(0).max(1440).default(0),
  }),
]);

const assignmentSchema = z.strictObject({
  title: line,
  opens: z.string().optional(),
  due: z.string().optional(),
  timeZone: z.string().refine(isTimeZone, "the name of a time zone is needed, as Europe/Berlin").optional(),
  points: points.optional(),
  late: late.default("none"),
  limits: z
    .strictObject({
      seconds: z.number().min(0.1).max(3600).optional(),
      memoryMebibytes: z.number().int().min(32).max(65_536).optional(),
    })
    .default({}),
  files: z.array(file).max(100).default([]),
  checks: z.array(z.unknown()).max(200).default([]),
  rubric: z
    .array(z.strictObject({ title: line, points }))
    .max(100)
    .default([]),
});

function isPattern(value: string): boolean {
  try {
    return new RegExp(value, "u").source !== "";
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

/** A check by what a program prints. */
export type OutputCheck = z.infer<typeof outputCheck>;
/** A check of what an expression gives. */
export type CallCheck = z.infer<typeof callCheck>;
/** A check of a file's text. */
export type CodeCheck = z.infer<typeof codeCheck>;
export type AssignmentCheck = OutputCheck | CallCheck | CodeCheck;

/** What a teacher has written about an assignment. */
export interface Assignment {
  readonly title: string;
  readonly opens: Date | undefined;
  readonly due: Date | undefined;
  readonly timeZone: string;
  readonly points: number;
  readonly late: z.infer<typeof late>;
  readonly limits: { readonly seconds?: number | undefined; readonly memoryMebibytes?: number | undefined };
  /** The files to hand in. */
  readonly files: readonly string[];
  readonly checks: readonly AssignmentCheck[];
  readonly rubric: readonly { readonly title: string; readonly points: number }[];
}

/** Reads the text of an assignment.yaml, or tells every mistake. */
export function parseAssignment(source: string, courseTimeZone: string): Assignment | readonly Mistake[] {
  if (Buffer.byteLength(source) > maxYamlBytes)
    return [{ line: 1, text: `more than ${maxYamlBytes >> 10} KiB; put long texts into files in checks/` }];
  const yaml = readYaml(source);
  if (Array.isArray(yaml)) return yaml as readonly Mistake[];
  return checked(yaml as YamlText, courseTimeZone);
}

function checked(yaml: YamlText, courseTimeZone: string): Assignment | readonly Mistake[] {
  const mistakes: Mistake[] = [];
  const complain = (path: readonly PropertyKey[], what: string): void =>
    void mistakes.push({ line: yaml.lineOf(path), text: what });
  const read = assignmentSchema.safeParse(yaml.value);
  mistakes.push(...mistakesOf(read.error, [], assignmentSchema, yaml));
  const list = (yaml.value as { readonly checks?: unknown } | null)?.checks;
  const checks = (Array.isArray(list) ? list : []).flatMap((value, index) => {
    const found = checkOf(value, ["checks", index], yaml);
    if (Array.isArray(found)) mistakes.push(...(found as readonly Mistake[]));
    return Array.isArray(found) ? [] : [found as AssignmentCheck];
  });
  if (!read.data) return sorted(mistakes);
  const { data } = read;
  const timeZone = data.timeZone ?? courseTimeZone;
  const moment = (key: "opens" | "due"): Date | undefined => {
    const written = data[key];
    if (written === undefined) return undefined;
    const at = momentOfText(written, timeZone, key === "due" ? "later" : "earlier");
    if (at instanceof Date) return at;
    complain([key], `${key}: ${at}`);
    return undefined;
  };
  const [opens, due] = [moment("opens"), moment("due")];
  if (opens && due && due <= opens) complain(["due"], "due: it is before opens");
  if (mistakes.length > 0) return sorted(mistakes);
  const sum = [...checks, ...data.rubric].reduce((total, item) => total + item.points, 0);
  return { ...data, checks, opens, due, timeZone, points: data.points ?? sum };
}

function sorted(mistakes: readonly Mistake[]): readonly Mistake[] {
  return mistakes.toSorted((a, b) => a.line - b.line);
}

function checkOf(value: unknown, path: readonly PropertyKey[], yaml: YamlText): AssignmentCheck | readonly Mistake[] {
  const which = (Object.keys(kinds) as (keyof typeof kinds)[]).filter(
    (kind) => typeof value === "object" && value !== null && Object.hasOwn(value, kind),
  );
  const [kind] = which;
  if (kind === undefined || which.length > 1)
    return [{ line: yaml.lineOf(path), text: `a check has one of ${Object.keys(kinds).join(", ")}` }];
  const read = kinds[kind].safeParse(value);
  if (!read.success) return mistakesOf(read.error, path, kinds[kind], yaml);
  const wrong = contradiction(read.data);
  return wrong === undefined ? read.data : [{ line: yaml.lineOf(path), text: wrong }];
}

/** What the keys of a check must agree on. */
function contradiction(check: AssignmentCheck): string | undefined {
  if ("output" in check) {
    if (check.input !== undefined && check.inputFile !== undefined) return "input and inputFile: one of them";
    const expected = [check.expect, check.expectFile, check.expectPattern].filter((each) => each !== undefined);
    if (expected.length > 1) return "expect, expectFile and expectPattern: one of them";
    if (expected.length === 0 && Object.keys(check.expectFiles).length === 0)
      return "an output check needs expect, expectFile, expectPattern or expectFiles";
  }
  if ("call" in check && (check.returns === undefined) === (check.raises === undefined))
    return "a call check needs returns or raises, not both";
  return undefined;
}

function mistakesOf(
  error: z.ZodError | undefined,
  above: readonly PropertyKey[],
  schema: { readonly shape: object },
  yaml: YamlText,
): readonly Mistake[] {
  return (error?.issues ?? []).flatMap((issue): readonly Mistake[] => {
    const path = [...above, ...issue.path];
    const where = issue.path.length > 0 ? `${issue.path.map(String).join(".")}: ` : "";
    if (issue.code !== "unrecognized_keys")
      return [{ line: yaml.lineOf(path), text: `${where}${wordsOf(issue.message)}` }];
    const known = issue.path.length === 0 ? Object.keys(schema.shape) : [];
    return issue.keys.map((key) => ({ line: yaml.lineOfKey(path, key), text: `${where}${unknownKey(key, known)}` }));
  });
}

function wordsOf(message: string): string {
  return message
    .replace(/^Invalid input: /, "")
    .replace(/^Invalid option: /, "")
    .replace(/^Too /, "too ");
}

function unknownKey(key: string, known: readonly string[]): string {
  const near = known.find((each) => distance(each.toLowerCase(), key.slice(0, 60).toLowerCase()) <= 2);
  return `unknown key ${JSON.stringify(key.slice(0, 60))}${near === undefined ? "" : ` (did you mean ${near}?)`}`;
}

/** A check's title: its own, or what it does. */
export function titleOf(check: AssignmentCheck): string {
  if (check.title !== undefined) return check.title;
  if ("output" in check) return `${check.output}${check.arguments.map((word) => ` ${word}`).join("")}`;
  return "call" in check ? check.call : `the text of ${check.code}`;
}
