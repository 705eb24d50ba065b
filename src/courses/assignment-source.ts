/** What lies in /staff/Assignments/NAME: assignment.yaml, README.md, starter/, checks/, solution/. */
import { UserError } from "../base/errors.ts";
import { childPath } from "../workspace/paths.ts";
import type { Workspace } from "../workspace/workspace.ts";
import { assignmentFile, parseAssignment, titleOf, type Assignment, type AssignmentCheck } from "./assignment-yaml.ts";
import { readFolder, type FolderBounds } from "./folder-files.ts";
import { visibleChecks } from "./visible-checks.ts";

/** The two kinds of assignments, by their folders in /staff and in /course. */
export const assignmentFolders = ["Assignments", "Tests"] as const;
export type AssignmentFolder = (typeof assignmentFolders)[number];

/** A mistake, with its place. */
export interface SourceMistake {
  /** Path below the folder of the assignment. */
  readonly file: string;
  readonly line: number;
  readonly text: string;
}

/** An assignment as its teachers keep it. */
export interface AssignmentSource {
  readonly name: string;
  readonly folder: AssignmentFolder;
  readonly assignment: Assignment;
  readonly starter: ReadonlyMap<string, Buffer>;
  readonly checks: ReadonlyMap<string, Buffer>;
  readonly solution: ReadonlyMap<string, Buffer>;
  /** What students get, by its path below /course/Assignments/NAME. */
  readonly published: ReadonlyMap<string, Buffer>;
}

/** The file with the task. */
export const taskFile = "README.md";
/** The file with the checks that students may see, in the course. */
export const checksFile = "checks.yaml";
const checksFolder = "checks";

const bounds: FolderBounds = { files: 500, bytes: 16 << 20 };

const names = /^(?!.*\.\.)[A-Za-z0-9][A-Za-z0-9._-]{0,39}$/;

/** Throws `bad-name` for what can't be the name of an assignment. */
export function requireAssignmentName(name: string): void {
  if (names.test(name) && !name.endsWith(".")) return;
  throw new UserError(
    "bad-name",
    `not a name for an assignment: ${JSON.stringify(name.slice(0, 60))}`,
    "Letters, digits, - _ and dots, 40 characters at most: hw1.",
  );
}

/** Where an assignment lies. */
export function sourcePath(folder: AssignmentFolder, name: string): string {
  return `/staff/${folder}/${name}`;
}

/** Whether a path below the published folder is part of a student's working copy. */
export function isForWorking(path: string): boolean {
  return path !== checksFile && path !== ".classh.yaml" && !path.startsWith(`${checksFolder}/`);
}

/** Reads an assignment, or tells every mistake. */
export async function readSource(
  workspace: Workspace,
  { name, folder }: { readonly name: string; readonly folder: AssignmentFolder },
  courseTimeZone: string,
): Promise<AssignmentSource | readonly SourceMistake[]> {
  const path = sourcePath(folder, name);
  const { files, skipped } = await readFolder(workspace, path, bounds);
  const mistakes: SourceMistake[] = skipped.map((text) => ({
    file: text.split(" is ")[0] ?? "",
    line: 1,
    text: "it is no file",
  }));
  const yaml = files.get(assignmentFile);
  const task = files.get(taskFile);
  if (!task) mistakes.push({ file: taskFile, line: 1, text: "it is missing: the task, for students to read" });
  if (!yaml) return [...mistakes, { file: assignmentFile, line: 1, text: "it is missing" }];
  const assignment = parseAssignment(yaml.toString(), courseTimeZone);
  if (Array.isArray(assignment))
    return [
      ...mistakes,
      ...(assignment as readonly { line: number; text: string }[]).map((each) => ({ file: assignmentFile, ...each })),
    ];
  const read = assignment as Assignment;
  const [starter, checks, solution] = [below(files, "starter"), below(files, checksFolder), below(files, "solution")];
  mistakes.push(...missing(read, { starter, checks, solution }));
  if (mistakes.length > 0) return mistakes;
  const published = new Map([
    ...starter,
    ...(task ? [[taskFile, task] as const] : []),
    ...ofVisible(read.checks, checks),
    ...limitsOf(read),
  ]);
  return { name, folder, assignment: read, starter, checks, solution, published };
}

function below(files: ReadonlyMap<string, Buffer>, folder: string): ReadonlyMap<string, Buffer> {
  const prefix = `${folder}/`;
  return new Map(
    [...files].filter(([path]) => path.startsWith(prefix)).map(([path, bytes]) => [path.slice(prefix.length), bytes]),
  );
}

type Parts = Pick<AssignmentSource, "starter" | "checks" | "solution">;

function whole(text: string): SourceMistake {
  return { file: assignmentFile, line: 1, text };
}

/** What assignment.yaml names and is not there, and what would cover each other in a student's folder. */
function missing({ checks, files }: Assignment, parts: Parts): readonly SourceMistake[] {
  const named = checks.flatMap((check) =>
    filesOf(check)
      .filter((path) => !parts.checks.has(path))
      .map((path) => whole(`the check "${titleOf(check)}" names ${childPath(checksFolder, path)}, which is missing`)),
  );
  const solution = files
    .filter((path) => !parts.solution.has(path) && !parts.starter.has(path))
    .map((path) => whole(`${path} is to be handed in, but neither in solution/ nor in starter/`));
  const covered = [...parts.starter.keys()]
    .filter((path) => path === taskFile || !isForWorking(path))
    .map((path) => ({ file: `starter/${path}`, line: 1, text: "students get another file of this name" }));
  const folded = new Map<string, string>();
  const twice = [...parts.starter.keys()].flatMap((path) => {
    const other = folded.get(path.toLowerCase());
    folded.set(path.toLowerCase(), path);
    return other === undefined
      ? []
      : [{ file: `starter/${path}`, line: 1, text: `it differs from ${other} in case only` }];
  });
  return [...named, ...solution, ...covered, ...twice];
}

function filesOf(check: AssignmentCheck): readonly string[] {
  if (!("output" in check)) return [];
  return [check.inputFile, check.expectFile].filter((path) => path !== undefined);
}

/** The visible checks, and the files that they name. */
function ofVisible(checks: readonly AssignmentCheck[], files: Parts["checks"]): readonly (readonly [string, Buffer])[] {
  const visible = checks.filter((check) => !check.hidden);
  if (visible.length === 0) return [];
  const paths = new Set(visible.flatMap(filesOf));
  return [
    [checksFile, Buffer.from(visibleChecks(visible))],
    ...[...files]
      .filter(([path]) => paths.has(path))
      .map(([path, bytes]) => [childPath(checksFolder, path), bytes] as const),
  ];
}

/** The limits, as every folder of the course has them (config/course-settings.ts). */
function limitsOf({ limits }: Assignment): readonly (readonly [string, Buffer])[] {
  const lines = Object.entries(limits).flatMap(([key, value]) => (value === undefined ? [] : [`${key}: ${value}\n`]));
  return lines.length === 0 ? [] : [[".classh.yaml", Buffer.from(lines.join(""))]];
}
