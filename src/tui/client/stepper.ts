/** Stepping through a program on one screen: its keys, the line that is marked, and where the focus goes meanwhile. */
import type { Clock } from "../../base/clock.ts";
import { Scope } from "../../base/scope.ts";
import { editorKeys } from "../../commands/keys/editor-keys.ts";
import { actionFor } from "../../commands/keys/pane-keys.ts";
import { stepperKeys, type StepperCommand } from "../../commands/keys/stepper-keys.ts";
import type { Pane } from "../../commands/pane.ts";
import type { Stepping } from "../../session/stepping.ts";
import type { WorkbenchView } from "../../session/workbench-view.ts";
import type { InputEvent } from "../../terminal/input/event.ts";
import { pressedKey } from "../../terminal/input/pressed-key.ts";
import type { ActionRunner } from "../parts/action-runner.ts";
import type { Notices } from "../parts/notices.ts";
import type { Arrangement } from "./arrangement.ts";
import type { Editing } from "./editing.ts";

/** What stepping needs of its client. */
export interface StepperOptions {
  readonly view: WorkbenchView;
  readonly arrangement: Arrangement;
  readonly editing: Editing;
  readonly notices: Notices;
  readonly actionRunner: ActionRunner;
  readonly clock: Clock;
}

/** Milliseconds after which a program that goes on is one to type to: before, a key is meant for the next step. */
const quickMs = 400;
const maxExpression = 200;

/** The stepping on one screen. */
export class Stepper implements AsyncDisposable {
  readonly #options: StepperOptions;
  readonly #scope = new Scope("stepper");
  /** The next command, pressed while the last one was still at work. */
  #next: StepperCommand | undefined;
  #going: Disposable | undefined;
  #shown: object | undefined;

  constructor(options: StepperOptions) {
    this.#options = options;
    const { consoles } = options.view.workbench;
    this.#scope.own(consoles.followShown(({ stepping }) => stepping.onChange(() => this.#follow())));
    this.#scope.own(consoles.onShow(() => this.#follow()));
    this.#scope.defer(() => this.#going?.[Symbol.dispose]());
    this.#follow();
  }

  /** Whether keys go to it from this pane: while it has stopped, and for a moment after each step. */
  takes(pane: Pane): boolean {
    const { view } = this.#options;
    const may = view.isOwn || view.participant.mayEdit;
    return this.#stepping.active && may && pane !== "console" && pane !== "files";
  }

  /** Handles what is typed in the editor or beside it; false for keys that have their usual meaning. */
  handle(event: InputEvent): boolean {
    if (event.kind === "paste") return this.#refuse();
    if (event.kind !== "key" && event.kind !== "text") return false;
    const command = stepperKeys.commandFor(pressedKey(event)) as StepperCommand | undefined;
    if (command === undefined) return (event.kind === "text" || edits(event.name)) && this.#refuse();
    if (this.#stepping.stopped) this.#go(command);
    else this.#next = command;
    return true;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#scope.close();
  }

  get #stepping(): Stepping {
    return this.#options.view.workbench.console.stepping;
  }

  #refuse(): boolean {
    const end = stepperKeys.keyFor("quit");
    this.#options.notices.show({
      kind: "info",
      text: `You are stepping through the program: ${end} ends that, then you can edit.`,
    });
    return true;
  }

  #go(command: StepperCommand): void {
    const { view } = this.#options;
    const { editor, active } = view;
    if (command === "run") {
      if (editor && active) this.#stepping.go({ do: "run", file: active.path, line: editor.cursor.line });
      return;
    }
    if (command === "outer" || command === "inner") return this.#look(command === "outer" ? 1 : -1);
    if (command !== "value") return this.#stepping.go({ do: command });
    const text = editor ? expressionAt(editor) : "";
    if (text !== "") return this.#stepping.go({ do: "value", text });
    this.#options.notices.show({ kind: "info", text: "Put the cursor on a name, or select what you want to know." });
  }

  /** Shows the call further out (1) or nearer (-1) with its variables. */
  #look(direction: 1 | -1): void {
    const { state } = this.#stepping;
    if (!state) return;
    const index = state.frame + direction;
    if (index >= 0 && index < state.stack.length) this.#stepping.go({ do: "frame", index });
    else
      this.#options.notices.show({
        kind: "info",
        text: direction === 1 ? "This is the program itself: nothing called it." : "This is the innermost call.",
      });
  }

  #follow(): void {
    const { view, arrangement, clock } = this.#options;
    const { active, stopped, state } = this.#stepping;
    this.#going?.[Symbol.dispose]();
    this.#going = undefined;
    arrangement.setStepping(active);
    if (!active) {
      this.#next = undefined;
      this.#shown = undefined;
      return;
    }
    if (!stopped) {
      // The program may wait for input.
      if (state && view.isOwn) this.#going = clock.after(quickMs, () => this.#typeToProgram());
      return;
    }
    if (state && state !== this.#shown) this.#show(state);
    const next = this.#next;
    this.#next = undefined;
    if (next !== undefined) this.#go(next);
  }

  #typeToProgram(): void {
    this.#next = undefined;
    this.#options.arrangement.focusOn("console");
  }

  #show(state: NonNullable<Stepping["state"]>): void {
    const { view, arrangement, editing, actionRunner } = this.#options;
    const before = this.#shown;
    this.#shown = state;
    // A question does not move the cursor.
    if (state.answer && before) return;
    const call = state.frame > 0 ? state.stack[state.frame] : undefined;
    const { file, line } = call ?? state;
    const goTo = (): void => {
      editing.goToLine(line);
      if (view.isOwn) arrangement.focusOn("editor");
    };
    if (view.active?.path === file) return goTo();
    actionRunner.run("step", async () => {
      await view.open(file);
      if (this.#shown === state) goTo();
    });
  }
}

/** Whether a key would change the text. */
function edits(key: string): boolean {
  const action = actionFor(key, "editor");
  if (action) return action.section === "Edit" && action.guests === "help";
  const command = editorKeys.commandFor(key);
  return command !== undefined && !/^(cursor|select|single)/.test(command);
}

interface TextAtCursor {
  readonly selection: { readonly from: number; readonly to: number } | undefined;
  readonly cursor: { readonly line: number };
  readonly state: {
    readonly doc: {
      sliceString(from: number, to: number): string;
      lineAt(at: number): { readonly from: number; readonly text: string };
    };
    readonly selection: { readonly main: { readonly head: number } };
  };
}

/** The selected text, or the name at the cursor with what it is an attribute of. */
function expressionAt({ selection, state }: TextAtCursor): string {
  if (selection)
    return state.doc.sliceString(selection.from, Math.min(selection.to, selection.from + maxExpression)).trim();
  const { head } = state.selection.main;
  const line = state.doc.lineAt(head);
  const column = head - line.from;
  for (const match of line.text.slice(0, 2000).matchAll(/[\p{L}_][\p{L}\p{N}_]*(\.[\p{L}_][\p{L}\p{N}_]*)*/gu))
    if (match.index <= column && column <= match.index + match[0].length) return match[0].slice(0, maxExpression);
  return "";
}
