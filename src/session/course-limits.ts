/**
 * The limits that professors set for the programs of a folder, in .classh.yaml beside them (config/course-settings.ts).
 *
 * They are read when a run starts, from the course only: what a student could write never counts. A file in a home, of a student too, has
 * those of the same place in the course: /home/ada/Assignments/hw1/main.py those of /course/Assignments/hw1, whether that was handed out
 * or copied by hand. Each folder above adds what the nearer ones leave open.
 */
import { parseCourseSettings, courseSettingsFile, type CourseLimits } from "../config/course-settings.ts";
import type { Settings } from "../config/schema.ts";
import { counted } from "../base/counted.ts";
import { sentence } from "../base/error-report.ts";
import { UserError } from "../base/errors.ts";
import { replaceUnseenInText, spellOut } from "../base/invisible.ts";
import type { RunRules } from "../runner/console-state.ts";
import { courseFolders, folderOf } from "../workspace/paths.ts";
import type { Workspace } from "../workspace/workspace.ts";

/** What was found for a file. */
export interface FoundLimits {
  readonly limits: CourseLimits;
  /** The files that say so, the nearest first. */
  readonly files: readonly string[];
  /** What is wrong with a file, for whoever can mend it; then its settings don't count. */
  readonly problems: readonly string[];
}

const none: FoundLimits = { limits: {}, files: [], problems: [] };

/** The largest file that is read. */
const maxBytes = 4 << 10;

/** The path in the course that corresponds to a file's folder; undefined for a file that has none. */
export function coursePlaceOf(path: string): string | undefined {
  const [, place] = /^\/(?:course|home\/[^/]+|students\/[^/]+)\/(.+)\/[^/]+$/.exec(path) ?? [];
  const top = place?.split("/")[0];
  return courseFolders.some((each) => each === top) ? `/course/${place}` : undefined;
}

/** The limits for a program, as the course has them now. Where nothing can be found out, it runs with the usual ones. */
export async function courseLimitsFor(
  path: string,
  workspace: Workspace,
  highest: Settings["limits"]["course"],
): Promise<FoundLimits> {
  const place = coursePlaceOf(path);
  if (place === undefined) return none;
  let found = none;
  for (let folder = place; folder !== "/course"; folder = folderOf(folder)) {
    const file = `${folder}/${courseSettingsFile}`;
    try {
      const text = await readIfThere(workspace, file);
      if (text === undefined) continue;
      const limits = { ...parseCourseSettings(text, file, highest), ...found.limits };
      found = { ...found, limits, files: [...found.files, file] };
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      found = { ...found, problems: [...found.problems, problemOf(error)] };
    }
  }
  return found;
}

function problemOf(error: UserError): string {
  return replaceUnseenInText(`Limits of this folder can't be used: ${sentence(error)}`, spellOut);
}

/** What a console is told. */
export function rulesOf({ limits, problems }: FoundLimits): RunRules {
  const shown = shownLimits(limits);
  return { limits, notes: [...(shown === "" ? [] : [`Limits of this folder: ${shown}.`]), ...problems] };
}

/** "10 seconds, 256 MiB of memory". */
export function shownLimits(limits: CourseLimits): string {
  const { runSeconds, runMemoryMebibytes, runProcesses, outputMebibytes } = limits;
  return [
    ...(runSeconds === undefined ? [] : [counted(runSeconds, "second")]),
    ...(runMemoryMebibytes === undefined ? [] : [`${runMemoryMebibytes} MiB of memory`]),
    ...(runProcesses === undefined ? [] : [counted(runProcesses, "process", "processes")]),
    ...(outputMebibytes === undefined ? [] : [`${outputMebibytes} MiB of output`]),
  ].join(", ");
}

async function readIfThere(workspace: Workspace, file: string): Promise<string | undefined> {
  try {
    const { size } = await workspace.stat(file);
    if (size > maxBytes)
      throw new UserError("too-large", `too large for a file of settings: ${file}`, "It needs a few lines only.");
    return (await workspace.readText(file)).text;
  } catch (error) {
    if (error instanceof UserError && missing.has(error.code)) return undefined;
    throw error;
  }
}

/** What a student has made below a folder of this name need not be in the course. */
const missing: ReadonlySet<string> = new Set(["file-not-found", "not-a-directory"]);
