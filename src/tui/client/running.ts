/**
 * Running the active document, or the one that is selected in the list of files, with its questions: the file has
 * changed meanwhile, or somebody else runs it. Copying a student's home, which comes first, can be stopped.
 */
import { UserError } from "../../base/errors.ts";
import { paneKeys } from "../../commands/keys/pane-keys.ts";
import { stopKeys } from "../../commands/keys/screen-keys.ts";
import type { BusyRun } from "../../session/console-runs.ts";
import type { Workbench } from "../../session/workbench.ts";
import type { RunOptions } from "../../session/runs.ts";
import { studentOf } from "../../session/student-sandboxes.ts";
import type { WorkbenchView } from "../../session/workbench-view.ts";
import { shownFileName } from "../../workspace/paths.ts";
import type { Dialogs } from "../parts/dialogs.ts";
import type { Arrangement } from "./arrangement.ts";
import type { Files } from "./files.ts";
import type { Questions } from "./questions.ts";
import type { Saving } from "./saving.ts";
import { timeOfDay } from "../../base/time-text.ts";

/** What running needs of its client. */
export interface RunningOptions {
  readonly view: WorkbenchView;
  readonly questions: Questions;
  readonly arrangement: Arrangement;
  /** Opens the file that is selected in the tree. */
  readonly files: Files;
  readonly saving: Saving;
}

/** Runs started from one screen. */
export class Running {
  readonly #view: WorkbenchView;
  readonly #workbench: Workbench;
  readonly #questions: Questions;
  readonly #dialogs: Dialogs;
  readonly #arrangement: Arrangement;
  readonly #files: Files;
  readonly #saving: Saving;
  /** Stops the copying that precedes the run of a student's program; undefined while nothing is copied. */
  #copying: AbortController | undefined;

  constructor({ view, questions, arrangement, files, saving }: RunningOptions) {
    this.#view = view;
    this.#workbench = view.workbench;
    this.#questions = questions;
    this.#dialogs = questions.dialogs;
    this.#arrangement = arrangement;
    this.#files = files;
    this.#saving = saving;
  }

  /**
   * Saves a document and runs it, unless the person cancels: the one that is selected in the list of files while that
   * has the focus, otherwise the active one. The console gets the focus and everything typed from now on, because the
   * program may ask for input at once.
   */
  run(): Promise<void> {
    return this.#questions.holding(async () => {
      if (this.#arrangement.focus === "files") await this.#files.openSelectedProgram();
      if (await this.#runStoppably()) this.#arrangement.focusOn("console");
    });
  }

  /** The same, step by step; the editor gets the focus, where the steps are shown. */
  step(): Promise<void> {
    return this.#questions.holding(async () => {
      if (this.#arrangement.focus === "files") await this.#files.openSelectedProgram();
      const path = this.#view.active?.path;
      if (path !== undefined && studentOf(path) !== undefined)
        throw new UserError(
          "not-permitted",
          "a student's program can't be stepped through here",
          "Attach to the student, and help or drive: the steps are shown on both screens.",
        );
      if (await this.#run({ steps: true })) this.#arrangement.focusOn("editor");
    });
  }

  /** Whether the stop key stops the program now: one runs, and this pane neither needs the key nor has text to copy. */
  get stopKeyStops(): boolean {
    const { focus } = this.#arrangement;
    if (!this.#view.isOwn || focus === "console" || this.#workbench.console.activity !== "running") return false;
    return focus !== "editor" || this.#view.editor?.selection === undefined;
  }

  /** The key that stops the program from the pane in focus; undefined for guests, who can't stop it. */
  get stopKey(): string | undefined {
    if (!this.#view.isOwn) return undefined;
    const isPlain = this.#arrangement.focus === "console" || this.stopKeyStops;
    return isPlain ? stopKeys.keyFor("stop") : paneKeys.editor.keyFor("console-interrupt");
  }

  /** Interrupts the program in the console. */
  stop(): void {
    this.#workbench.console.interrupt();
  }

  /** True when it runs, false when the person cancelled. */
  async #runStoppably(): Promise<boolean> {
    const document = this.#view.active;
    if (!document || studentOf(document.path) === undefined) return await this.#run({});
    const copying = (this.#copying = new AbortController());
    try {
      return await this.#run({ signal: copying.signal });
    } catch (error) {
      if (!copying.signal.aborted) throw error;
      this.#workbench.notices.tell("info", `Stopped. ${document.fileName} was not run.`);
      return false;
    } finally {
      this.#copying = undefined;
    }
  }

  /** Stops the copying that a run waits for; false when nothing is copied. */
  stopCopying(): boolean {
    this.#copying?.abort();
    return this.#copying !== undefined;
  }

  async #run(how: RunOptions): Promise<boolean> {
    const document = this.#view.active;
    try {
      return await this.#follow(await this.#view.run(how), how);
    } catch (error) {
      if (!document || !(error instanceof UserError) || error.code !== "changed-on-disk") throw error;
    }
    if (!(await this.#saving.resolveConflict(document))) return false;
    return await this.#follow(await this.#view.run(how), how);
  }

  async #follow(busy: BusyRun | undefined, { steps = false }: RunOptions): Promise<boolean> {
    if (!busy) return true;
    const answer = await this.#dialogs.confirm<"wait" | "stop" | "cancel">({
      title: "Already running",
      text: `${this.#who(busy)} ${fileName(busy)} since ${timeOfDay(busy.holder.since.getTime())}. Wait for that run to end, or stop it? Yours then starts by itself.`,
      buttons: [
        { label: "Wait", letter: "W", value: "wait" },
        { label: "Stop it", letter: "S", value: "stop" },
        { label: "Cancel", letter: "C", value: "cancel" },
      ],
      initial: 0,
      cancel: "cancel",
    });
    return answer === "cancel" ? false : await this.#runWhenFree(busy, { stop: answer === "stop", steps });
  }

  /** Waits for the file, with a dialog, until the run begins or the person cancels. */
  async #runWhenFree(busy: BusyRun, { stop, steps }: { stop: boolean; steps: boolean }): Promise<boolean> {
    const cancelled = new AbortController();
    const begun = new AbortController();
    const name = fileName(busy);
    const shown = this.#dialogs.confirm<void>({
      title: stop ? `Stopping ${name}` : `Waiting to run ${name}`,
      text: `${name} starts by itself when the other run ends.`,
      buttons: [{ label: "Cancel", letter: "C", value: undefined }],
      initial: 0,
      cancel: undefined,
      withdrawn: begun.signal,
    });
    void shown.then(() => cancelled.abort());
    try {
      await this.#workbench.runs.runWhenFree(busy, { stop, steps, signal: cancelled.signal });
      return true;
    } catch (error) {
      if (cancelled.signal.aborted) return false;
      throw error;
    } finally {
      begun.abort();
    }
  }

  #who({ holder }: BusyRun): string {
    return holder.user === this.#workbench.person.username
      ? "You have been running"
      : `${holder.name} has been running`;
  }
}

function fileName({ path }: BusyRun): string {
  return shownFileName(path);
}
