/** Assignments in /staff: making one, and finding out whether it is right. */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { UserError } from "../base/errors.ts";
import type { Settings } from "../config/schema.ts";
import type { Runner } from "../runner/runner.ts";
import { sweepCopies } from "../workspace/home-copy.ts";
import { folderOf } from "../workspace/paths.ts";
import type { Workspace } from "../workspace/workspace.ts";
import {
  assignmentFolders,
  readSource,
  requireAssignmentName,
  sourcePath,
  type AssignmentFolder,
  type AssignmentSource,
  type SourceMistake,
} from "./assignment-source.ts";
import { CheckJail } from "./checks/check-jail.ts";
import { runCheck, type Verdict } from "./checks/run-checks.ts";
import { exampleFiles } from "./example.ts";
import { courseTimeZone } from "./zoned-time.ts";

/** What assignments are checked with. */
export interface AssignmentsOptions {
  readonly settings: Settings;
  readonly runner: Runner;
  /** Directory for throw-away copies, which this process has for itself. */
  readonly scratch: string;
}

/** An assignment's place in /staff. */
export interface AssignmentPlace {
  readonly name: string;
  readonly folder: AssignmentFolder;
}

/** What the checks found in the solution and in what students begin with. */
export interface Tried {
  readonly source: AssignmentSource;
  readonly solution: readonly Verdict[];
  readonly starter: readonly Verdict[];
}

/** Seconds of a check where neither it nor the assignment says. */
const usualSeconds = 10;

/** The assignments of a server. */
export class Assignments {
  readonly #options: AssignmentsOptions;

  constructor(options: AssignmentsOptions) {
    this.#options = options;
  }

  /** Makes a working example; returns its paths. Throws `exists` where there is one of this name, also in other case. */
  async create(workspace: Workspace, { name, folder }: AssignmentPlace): Promise<readonly string[]> {
    requireAssignmentName(name);
    const taken = (await this.#all(workspace)).find((other) => other.name.toLowerCase() === name.toLowerCase());
    if (taken)
      throw new UserError(
        "exists",
        `there is an assignment ${taken.name} already`,
        `It lies in ${sourcePath(taken.folder, taken.name)}.`,
      );
    const top = sourcePath(folder, name);
    // The one step that two professors can't both do.
    await workspace.createDirectory(top);
    const made = new Set([top]);
    const paths: string[] = [];
    for (const [below, text] of exampleFiles(name)) {
      const path = join(top, below);
      if (!made.has(folderOf(path))) await workspace.createDirectory(folderOf(path));
      made.add(folderOf(path));
      await workspace.writeText(path, text);
      paths.push(path);
    }
    return paths;
  }

  /** Where an assignment lies. Throws `file-not-found`. */
  async find(workspace: Workspace, name: string): Promise<AssignmentPlace> {
    requireAssignmentName(name);
    const found = (await this.#all(workspace)).find((each) => each.name === name);
    if (found) return found;
    throw new UserError(
      "file-not-found",
      `there is no assignment ${name} in /staff`,
      `Make one: assignment new ${name}.`,
    );
  }

  /** Reads an assignment, or tells every mistake in it. */
  async read(workspace: Workspace, place: AssignmentPlace): Promise<AssignmentSource | readonly SourceMistake[]> {
    return await readSource(workspace, place, courseTimeZone(this.#options.settings.timeZone));
  }

  /** Runs all checks on the solution, and on what students begin with. */
  async try(
    source: AssignmentSource,
    {
      startedBy,
      signal,
      onProgress,
    }: {
      readonly startedBy: string;
      readonly signal: AbortSignal;
      readonly onProgress?: (done: number, all: number) => void;
    },
  ): Promise<Tried> {
    const { checks } = source.assignment;
    let done = 0;
    const progress = (): void => onProgress?.(++done, 2 * checks.length);
    const run = async (files: ReadonlyMap<string, Buffer>): Promise<readonly Verdict[]> =>
      await this.#check(source, files, { startedBy, signal, progress });
    const solution = await run(new Map([...source.starter, ...source.solution]));
    return { source, solution, starter: await run(source.starter) };
  }

  async #check(
    { assignment, checks: beside, name }: AssignmentSource,
    files: ReadonlyMap<string, Buffer>,
    {
      startedBy,
      signal,
      progress,
    }: { readonly startedBy: string; readonly signal: AbortSignal; readonly progress: () => void },
  ): Promise<readonly Verdict[]> {
    const { settings, runner } = this.#options;
    const scratch = join(this.#options.scratch, `checks-${name}-${randomBytes(6).toString("hex")}`);
    const { limits } = settings;
    const { python } = settings.runner;
    const jail = new CheckJail({ runner, python, limits, owner: startedBy, startedBy, scratch, files, signal });
    const { seconds = usualSeconds, memoryMebibytes } = assignment.limits;
    const mainFile = assignment.files[0] ?? [...files.keys()].find((path) => path.endsWith(".py"));
    try {
      const verdicts: Verdict[] = [];
      for (const check of assignment.checks) {
        signal.throwIfAborted();
        verdicts.push(await runCheck(check, jail, { seconds, memoryMebibytes, beside, mainFile }));
        progress();
      }
      return verdicts;
    } finally {
      await sweepCopies(scratch);
    }
  }

  async #all(workspace: Workspace): Promise<readonly AssignmentPlace[]> {
    const all = await Promise.all(
      assignmentFolders.map(async (folder) => {
        const { entries } = await workspace.list(`/staff/${folder}`);
        return entries.filter(({ kind }) => kind === "directory").map(({ name }) => ({ name, folder }));
      }),
    );
    return all.flat();
  }
}
