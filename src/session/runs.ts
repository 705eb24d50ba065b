import { UserError } from "../base/errors.ts";
import { timings } from "../base/measures.ts";
import type { LockManager } from "../locks/lock-manager.ts";
import type { Settings } from "../config/schema.ts";
import type { RunRules } from "../runner/console-state.ts";
import { describe as describeOutcome } from "../runner/outcome.ts";
import type { SaveGuard } from "../workspace/save.ts";
import type { Workspace } from "../workspace/workspace.ts";
import type { Allowances } from "./allowances.ts";
import type { Console } from "./console.ts";
import type { BusyRun, ConsoleRuns, RunPermit } from "./console-runs.ts";
import { consoleName, type Consoles, type FinishedRun } from "./consoles.ts";
import { courseLimitsFor, rulesOf } from "./course-limits.ts";
import type { Documents } from "./documents.ts";
import type { EditLocks } from "./edit-locks.ts";
import type { FileTree } from "./file-tree.ts";
import { keepWritten, keptSentence, type Kept } from "./keep-written.ts";
import type { OpenDocument } from "./open-document.ts";
import type { SessionLog } from "./session-log.ts";
import type { SessionNotices } from "./session-notices.ts";
import type { StudentCopying } from "./student-copying.ts";
import { studentOf, type StudentSandbox } from "./student-sandboxes.ts";
import type { SessionOwner } from "./workbench-options.ts";

/** The parts that runs need of their session. */
export interface RunsOptions {
  readonly session: string;
  readonly person: SessionOwner;
  readonly workspace: Workspace;
  readonly tree: FileTree;
  readonly documents: Documents;
  readonly editLocks: EditLocks;
  readonly locks: LockManager;
  readonly consoles: Consoles;
  readonly consoleRuns: ConsoleRuns;
  readonly studentCopying: StudentCopying;
  readonly notices: SessionNotices;
  readonly allowances: Allowances;
  /** What the settings of a folder may not exceed. */
  readonly highestLimits: Settings["limits"]["course"];
  readonly log: SessionLog;
}

/** How a document is run. */
export interface RunOptions {
  /** Ends the copying of a student's files. */
  readonly signal?: AbortSignal | undefined;
  /** Whether to step through it. */
  readonly steps?: boolean;
}

/** Runs files in the session's consoles, and tells how they ended. */
export class Runs implements Disposable {
  readonly #options: RunsOptions;
  readonly #listener: Disposable;

  constructor(options: RunsOptions) {
    this.#options = options;
    this.#listener = options.consoles.onFinished((run) => this.#finished(run));
  }

  /**
   * Saves a document and runs it in a new jail; a student's file, below /students, runs as that student and on a copy.
   * When somebody else runs it, nothing starts and the result says who. Rejects with the signal's reason when that ends
   * the copying.
   */
  async run(
    document: OpenDocument | undefined,
    { signal, steps = false }: RunOptions = {},
  ): Promise<BusyRun | undefined> {
    if (!document)
      throw new UserError("file-not-found", "no file is open", "Open a Python file first: F2 shows your files.");
    if (!document.path.endsWith(".py")) throw cannotRun(document.name);
    const began = timings.runStart.start();
    const { consoleRuns, documents, allowances } = this.#options;
    // Claimed while the file is being saved, so that nobody waits for the answer alone.
    const claiming = consoleRuns.claim(document.path);
    try {
      if (document.modified && !document.fileReadOnly) await documents.save(document);
      await allowances.takeRun();
    } catch (error) {
      void claiming.then((claim) => claim.release());
      throw error;
    }
    const claim = await claiming;
    if (claim.holder) return claim;
    if (studentOf(document.path) === undefined) await this.#startOwn(claim, steps, began);
    else await this.#startAsStudent(claim, signal);
    return undefined;
  }

  /**
   * Runs a file as soon as nobody else does; with `stop`, the other run is stopped. Rejects with the signal's reason.
   */
  async runWhenFree(
    busy: BusyRun,
    how: { readonly stop: boolean; readonly signal: AbortSignal; readonly steps?: boolean },
  ): Promise<void> {
    await this.#startOwn(await this.#options.consoleRuns.wait(busy, how), how.steps ?? false);
  }

  /** Keeps what the student's program in the console wrote to its copy: see `keepWritten`. */
  async keepWritten(): Promise<Kept> {
    const { session, person, workspace, tree, documents, editLocks, locks, consoles, notices, allowances } =
      this.#options;
    const sandbox = consoles.list.find(({ studentSandbox }) => studentSandbox)?.studentSandbox;
    if (!sandbox)
      throw new UserError(
        "file-not-found",
        "no student's program has been run here",
        "Run one first: press F5 in a file under /students.",
      );
    allowances.takeFileOperation();
    const guardOf = (path: string): SaveGuard | undefined => {
      const document = documents.list.find((each) => each.path === path);
      return document && editLocks.guardOf(document);
    };
    const kept = await keepWritten(sandbox, { person, session, workspace, locks, guardOf });
    notices.tell(kept.skipped.length > 0 || !kept.complete ? "warning" : "success", keptSentence(kept));
    await tree.refresh();
    return kept;
  }

  [Symbol.dispose](): void {
    this.#listener[Symbol.dispose]();
  }

  /** `began` is set where nobody had to be waited for. */
  async #startOwn(permit: RunPermit, steps: boolean, began?: number): Promise<void> {
    const rules = await this.#rulesFor(permit);
    this.#start(permit, (console) => {
      console.run(permit.path, [], rules, steps);
      if (began !== undefined) timings.runStart.startFor(console, began);
    });
  }

  /** What the course says of the limits; gives the permit back where that fails. */
  async #rulesFor(permit: RunPermit): Promise<RunRules> {
    const { workspace, highestLimits } = this.#options;
    try {
      return rulesOf(await courseLimitsFor(permit.path, workspace, highestLimits));
    } catch (error) {
      permit.release();
      throw error;
    }
  }

  #start(permit: RunPermit, begin: (console: Console) => void): void {
    const { studentCopying, consoles, consoleRuns, log } = this.#options;
    // The person wants this run now, and not the one that is still being copied.
    studentCopying.stop();
    try {
      consoles.enter(permit.path, (console) => {
        consoleRuns.start(permit, console, begin);
        log.beginRun(console, "run started"); // the end of the run before it, if there was one, has been told
      });
    } catch (error) {
      permit.release();
      throw error;
    }
  }

  async #startAsStudent(permit: RunPermit, signal?: AbortSignal): Promise<void> {
    const { studentCopying } = this.#options;
    let sandbox: StudentSandbox | undefined;
    let owned = false;
    try {
      const opened = (sandbox = await studentCopying.open(permit.path, signal));
      if (!opened) return permit.release();
      const rules = await this.#rulesFor(permit);
      this.#start(permit, (console) => {
        console.runAsStudent(opened, rules);
        owned = true;
      });
    } catch (error) {
      permit.release();
      throw error;
    } finally {
      if (!owned) await sandbox?.[Symbol.asyncDispose]();
    }
  }

  #finished({ console, end: { outcome, error, seconds } }: FinishedRun): void {
    const { consoles, consoleRuns, notices, log } = this.#options;
    log.endRun(console, "run ended", { outcome: outcome.kind, seconds });
    const stopped = consoleRuns.ended(console);
    if (stopped !== undefined) notices.tell("warning", stopped);
    else if (!consoles.list.includes(console)) return; // closed by the person
    // Out of sight: the console itself tells nobody.
    else if (console !== consoles.shown) {
      const said = outcome.kind === "exited" ? (error ?? describeOutcome(outcome)) : describeOutcome(outcome);
      notices.tell("info", `The ${consoleName(console)} says: ${said}`);
    } else if (outcome.kind !== "exited") notices.tell("warning", describeOutcome(outcome));
  }
}

/** The refusal of a file that is not a program. */
export function cannotRun(name: string): UserError {
  return new UserError(
    "not-a-file",
    `you can't run ${name}: it is not a Python file`,
    "Only files whose names end in .py can be run.",
  );
}
