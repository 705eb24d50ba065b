/**
 * From an error to its place: the sentence after a run, the cursor on the line that failed, and the lines of tracebacks
 * as links.
 */
import { UserError } from "../../base/errors.ts";
import { actionOf } from "../../commands/actions.ts";
import { describe } from "../../runner/outcome.ts";
import { isOpenable, type ErrorPlace, type Failure } from "../../session/program-errors.ts";
import { briefly } from "../../session/explanations/catalogue.ts";
import { isSamePlace, linkAt, linksOf, type TracebackLink } from "../../session/traceback-links.ts";
import type { WorkbenchView } from "../../session/workbench-view.ts";
import { shown } from "../../workspace/file-names.ts";
import { shownFileName } from "../../workspace/paths.ts";
import type { ActionRunner } from "../parts/action-runner.ts";
import type { Notices } from "../parts/notices.ts";
import { ExplanationPanel } from "../views/explanation-panel.ts";
import type { Arrangement } from "./arrangement.ts";
import type { ConsolePane } from "./console-pane.ts";
import type { Editing } from "./editing.ts";
import { explainFailure, explainPitfall, type Explained } from "./explaining.ts";
import type { Questions } from "./questions.ts";

/** What failures need of their client. */
export interface FailuresOptions {
  readonly view: WorkbenchView;
  readonly arrangement: Arrangement;
  /** Opens lines by Enter or a click. */
  readonly consolePane: ConsolePane;
  readonly editing: Editing;
  readonly questions: Questions;
  readonly notices: Notices;
  readonly actionRunner: ActionRunner;
}

/** Failures of programs, on one screen. */
export class Failures implements Disposable {
  readonly #options: FailuresOptions;
  readonly #listeners: readonly Disposable[];
  /** The links that the person goes through, the newest first, and the one where they are. */
  #links: readonly TracebackLink[] = [];
  #at = 0;

  constructor(options: FailuresOptions) {
    this.#options = options;
    const { view } = options;
    this.#listeners = [
      view.workbench.errors.onFailed((failure) => view.isOwn && this.#failed(failure)),
      options.consolePane.opensWith(({ number }) => this.#openLine(number)),
    ];
  }

  /** Goes to the next (1) or previous (-1) place that the console's errors name, beginning with the newest. */
  async step(direction: 1 | -1): Promise<void> {
    const { console } = this.#options.view.workbench;
    const links = linksOf(console.text).filter(({ file }) => isOpenable(console.seenPath(file)));
    const isSame = links.length === this.#links.length && links.every((link, at) => isSamePlace(link, this.#links[at]));
    this.#at = isSame ? (this.#at + direction + links.length) % links.length : direction === 1 ? 0 : links.length - 1;
    this.#links = links;
    const link = links[this.#at];
    if (!link) return this.#tell("There is no error in the console that names a line of yours.");
    await this.#open(link);
    const name = shownFileName(console.seenPath(link.file));
    const keys = `${keyOf("next-error")} and ${keyOf("previous-error")} go on`;
    this.#tell(`Line ${link.line} of ${name} (place ${this.#at + 1} of ${links.length}; ${keys}).`);
  }

  /** Explains the newest failure; without one, what may surprise in the file that is shown. */
  explain(): void {
    const { view, actionRunner } = this.#options;
    const { errors } = view.workbench;
    if (!errors.mayExplain) return this.#tell("Explanations are switched off here.");
    const found = errors.failure ? explainFailure(errors.failure) : explainPitfall(view);
    if (found) actionRunner.run("explain-error", () => this.#explain(found));
    else this.#tell("There is no error to explain. Run your program with F5 first.");
  }

  [Symbol.dispose](): void {
    for (const listener of this.#listeners) listener[Symbol.dispose]();
  }

  /** Goes to the place that a line of the console names; false when it names none. */
  #openLine(number: number): boolean {
    const link = linkAt(this.#options.view.workbench.console.text, number);
    if (link) this.#options.actionRunner.run("follow-error", () => this.#follow(link));
    return link !== undefined;
  }

  async #follow(link: TracebackLink): Promise<void> {
    if (isOpenable(this.#options.view.workbench.console.seenPath(link.file))) return await this.#open(link);
    const { file, line } = link;
    const name = shown(file)
      .replace(/^.*\/python3[^/]*\//, "")
      .slice(-maxName);
    this.#tell(
      `Line ${line} of ${name} is part of Python itself. Look at the line of yours above it, which called it.`,
    );
  }

  async #explain({ props, place }: Explained): Promise<void> {
    const { dialogs } = this.#options.questions;
    const goes = await dialogs.show(false, (onClose) => new ExplanationPanel({ ...props, onClose }));
    if (goes && place) await this.#visit(place);
  }

  /** Opens the file, which the workspace refuses where the person may not. */
  async #open({ file, line }: TracebackLink): Promise<void> {
    const { errors, console } = this.#options.view.workbench;
    const path = console.seenPath(file);
    if (!path.startsWith("/")) throw new UserError("file-not-found", `the console names no folder of ${shown(file)}`);
    const mark = errors.markIn(path);
    await this.#visit(mark?.line === line ? mark : { path, line, column: undefined, endColumn: undefined });
  }

  async #visit(place: ErrorPlace): Promise<void> {
    const { view, questions, arrangement } = this.#options;
    await questions.holding(async () => {
      await view.open(place.path);
      this.#goTo(place);
      arrangement.focusOn("editor");
    });
  }

  #failed(failure: Failure): void {
    const { view, arrangement, notices } = this.#options;
    const { place } = failure;
    const isHere = place !== undefined && view.active?.path === place.path;
    if (isHere && view.workbench.errors.isUnchanged(place.path)) this.#goTo(place);
    if (isHere && arrangement.focus === "console" && this.#isMistyped(failure)) arrangement.focusOn("editor");
    const text = this.#sentence(failure, isHere);
    if (text !== undefined) notices.show({ kind: "warning", text, stays: true });
  }

  /** Whether nothing ran, and nobody types into a program: then the mistake is the next thing to do. */
  #isMistyped({ facts, outcome }: Failure): boolean {
    const isSyntax = facts !== undefined && syntaxErrors.has(facts.kind) && facts.function === undefined;
    return isSyntax && outcome !== undefined && !this.#options.view.workbench.console.isTypedInto;
  }

  #sentence({ facts, outcome, place }: Failure, isHere: boolean): string | undefined {
    const { arrangement, notices, view } = this.#options;
    if (!place) return undefined;
    const where = `line ${place.line} of ${shownFileName(place.path)}`;
    const explains = view.workbench.errors.mayExplain ? ` ${keyOf("explain")} explains.` : "";
    if (outcome && outcome.kind !== "exited") {
      const said = describe(outcome);
      // Another sentence, such as who has stopped it, is worth more.
      return notices.current?.text === said ? `${said} It was at ${where}.${explains}` : undefined;
    }
    const key = isHere ? keyOf("focus-editor") : keyOf("next-error");
    const how = isHere && arrangement.focus === "editor" ? "" : ` ${key} goes there.`;
    const brief = briefly(facts);
    return `Look at ${where}${brief === undefined ? "." : `: ${brief}.`}${how}${explains}`;
  }

  /** Sets the cursor of the active document. */
  #goTo({ line, column }: ErrorPlace): void {
    this.#options.editing.goToCharacter(line, column ?? 1);
  }

  #tell(text: string): void {
    this.#options.notices.show({ kind: "info", text });
  }
}

/** Most characters of a name that only a message shows. */
const maxName = 60;

const syntaxErrors = new Set(["SyntaxError", "IndentationError", "TabError"]);

function keyOf(action: string): string {
  return actionOf(action)?.keys[0] ?? "";
}
