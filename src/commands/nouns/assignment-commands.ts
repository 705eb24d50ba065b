/** assignment new and check. */
import { counted } from "../../base/counted.ts";
import { exitStatus } from "../../base/errors.ts";
import {
  assignmentFolders,
  sourcePath,
  type AssignmentSource,
  type SourceMistake,
} from "../../courses/assignment-source.ts";
import { assignmentFile } from "../../courses/assignment-yaml.ts";
import type { Verdict } from "../../courses/checks/run-checks.ts";
import type { Tried } from "../../courses/assignments.ts";
import { answer, type Command } from "../command.ts";
import { requireOwn } from "../people.ts";
import { printable } from "../table.ts";

const assignmentNew: Command = {
  name: "assignment new",
  summary: "Make an assignment in /staff: a working example to change",
  arguments: "NAME",
  options: { test: { type: "boolean", doc: "a test, in /staff/Tests, instead of an assignment" } },
  permission: "course.write",
  json: true,
  shape: "{ name: text, path: text, files: text[] }",
  details: `The folder /staff/Assignments/NAME gets assignment.yaml, README.md (the task), starter/ (what students begin with), checks/ and solution/.
  ssh -p 2222 prof@host assignment new hw1
Change them in the IDE, by sftp or by "course put"; "assignment check NAME" says what is wrong.`,
  async run(context, input) {
    requireOwn("files", context);
    const { account, address, services } = context;
    const [name = ""] = input.arguments;
    const folder = assignmentFolders[input.flag("test") ? 1 : 0];
    const files = await services.assignments.create(services.workspaces.for(account), { name, folder });
    const path = sourcePath(folder, name);
    await services.audit.record({
      actor: account.username,
      address,
      action: "assignment.new",
      result: "ok",
      detail: { path },
    });
    return answer({ name, path, files }, `Made ${path}.\nNext: change it, then "assignment check ${name}".\n`);
  },
};

const assignmentCheck: Command = {
  name: "assignment check",
  summary:
    "Find mistakes in an assignment: every check must pass for the solution, and not for what students begin with",
  arguments: "NAME",
  permission: "staff.read",
  json: true,
  shape: `{ name: text, path: text, ok: boolean, mistakes: { file: text, line: number, text: text }[],
  checks: { title: text, points: number, hidden: boolean, solution: boolean, starter: boolean, why: text | null, expected: text | null, actual: text | null }[] }`,
  details: `Mistakes are told with file and line. Without any, every check runs on solution/ (beside it what starter/ has and it has not) and on starter/.
The exit status is 1 when something is wrong.`,
  async run(context, input) {
    requireOwn("files", context);
    const { account, services, closed, stderr, terminal } = context;
    const [name = ""] = input.arguments;
    const workspace = services.workspaces.for(account);
    const place = await services.assignments.find(workspace, name);
    const path = sourcePath(place.folder, name);
    const read = await services.assignments.read(workspace, place);
    if (!("assignment" in read))
      return answer({ name, path, ok: false, mistakes: read, checks: [] }, mistakesText(path, read), exitStatus.failed);
    const tried = await services.assignments.try(read, {
      startedBy: account.username,
      signal: closed,
      ...(terminal ? { onProgress: (done: number, all: number) => void stderr.write(progress(done, all)) } : {}),
    });
    const mistakes = mistakesOf(tried);
    const ok = mistakes.length === 0;
    return answer(
      { name, path, ok, mistakes, checks: checksOf(tried) },
      ok ? wellText(read, tried) : mistakesText(path, mistakes, tried),
      ok ? undefined : exitStatus.failed,
    );
  },
};

function progress(done: number, all: number): string {
  return `\rchecks: ${done} of ${all}${done === all ? "\r\n" : ""}`;
}

function whole(text: string): SourceMistake {
  return { file: assignmentFile, line: 1, text };
}

/** What the checks say about themselves. */
function mistakesOf({ solution, starter, source }: Tried): readonly SourceMistake[] {
  const failed = solution
    .filter(({ passed }) => !passed)
    .map((verdict) => whole(`the solution fails: ${verdict.title}: ${verdict.why}`));
  const idle =
    source.assignment.checks.length > 0 && starter.every(({ passed }) => passed)
      ? [whole("what students begin with passes every check")]
      : [];
  return [...failed, ...idle];
}

function checksOf({ solution, starter }: Tried): readonly object[] {
  return solution.map(({ title, points, hidden, passed, why, expected, actual }, index) => ({
    title,
    points,
    hidden,
    solution: passed,
    starter: starter[index]?.passed ?? false,
    why: passed ? null : why,
    expected: passed ? null : (expected ?? null),
    actual: passed ? null : (actual ?? null),
  }));
}

function mistakesText(path: string, mistakes: readonly SourceMistake[], tried?: Tried): string {
  const lines = mistakes.map(({ file, line, text }) => printable(`${path}/${file}:${line}: ${text}`));
  const details = (tried?.solution ?? []).filter(({ passed }) => !passed).flatMap(differenceLines);
  return `${[...lines, ...details, `${counted(mistakes.length, "mistake")}.`].join("\n")}\n`;
}

/** Characters of an answer that are shown. */
const maxShown = 300;

function shown(text = ""): string {
  return printable(JSON.stringify(text.slice(0, maxShown)));
}

function differenceLines({ title, expected, actual }: Verdict): readonly string[] {
  if (expected === undefined && actual === undefined) return [];
  return [printable(title), `  expected ${shown(expected)}`, `  actual   ${shown(actual)}`];
}

function wellText({ assignment }: AssignmentSource, { solution, starter }: Tried): string {
  const passed = starter.filter((verdict) => verdict.passed).length;
  const hidden = solution.filter((verdict) => verdict.hidden).length;
  const of = hidden > 0 ? `, ${hidden} of them hidden` : "";
  const checks =
    solution.length === 0
      ? "There are no checks."
      : `The solution passes ${counted(solution.length, "check")}${of}; what students begin with passes ${passed}.`;
  return `${printable(assignment.title)}: ${assignment.points} points.\n${checks}\nNo mistakes.\n`;
}

/** The commands. */
export const assignmentCommands: readonly Command[] = [assignmentNew, assignmentCheck];
